package import LoadGenerator

/// The server that answers every line with the same one, and looks at nothing.
package final class FloorLines {
  /// The program.
  package let process: Subprocess
  /// Where it takes connections.
  package let endpoint: Endpoint
  private let workspace: Workspace

  /// Starts it with an answer without its line end, and waits until it takes connections.
  package init(answer: String, in workspace: Workspace) throws(PeerError) {
    self.workspace = workspace
    let name = workspace.freshName("floor")
    let file = workspace["\(name).answer"]
    try Files.write(answer + "\n", to: file)
    let socket = workspace["\(name).sock"]
    process = try workspace.start("\(Programs.ownFolder)/floor-lines", [socket, file])
    endpoint = .unix(socket)
    try workspace.awaitConnection(to: endpoint, of: process)
  }

  /// Ends it.
  package func end() { workspace.end(process) }
}
