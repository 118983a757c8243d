import LoadGenerator

/// promptd-sandbox, an upstream that makes answers up.
package final class Sandbox {
  /// The program.
  package let process: Subprocess
  /// The path of its socket.
  package let socket: String
  private let workspace: Workspace

  /// Starts the program at a path and waits until it takes connections.
  package init(_ program: String, in workspace: Workspace) throws(PeerError) {
    self.workspace = workspace
    socket = workspace["\(workspace.freshName("sandbox")).sock"]
    process = try workspace.start(program, ["--socket", socket])
    try workspace.awaitConnection(to: .unix(socket), of: process)
  }

  /// Ends it.
  package func end() { workspace.end(process) }
}
