import Glibc
package import LoadGenerator

/// A promptd that is measured.
package final class Promptd {
  /// The daemon; with a core of its own it was taskset at first.
  package let process: Subprocess
  /// The path of its socket.
  package let socket: String
  /// The file that it was started with.
  package let configurationFile: String
  /// From its start to READY=1, in milliseconds.
  package let readyAfter: Double
  private let workspace: Workspace

  /// The socket, to connect to.
  package var endpoint: Endpoint { .unix(socket) }

  private static let patience = 60

  /// Starts the program at a path in a folder of its own and waits for READY=1.
  package init(
    _ program: String, _ settings: PromptdSettings, in workspace: Workspace
  ) throws(PeerError) {
    self.workspace = workspace
    let folder = try workspace.freshFolder("promptd")
    socket = "\(folder)/promptd.sock"
    configurationFile = "\(folder)/promptd.toml"
    try Files.write(settings.text(folder: folder), to: configurationFile)
    let notify = try NotifySocket("\(folder)/notify.sock")
    var (path, arguments) = (program, ["--config", configurationFile])
    if let core = settings.core {
      path = try Programs.find("taskset")
      arguments = ["-c", "\(core)", program] + arguments
    }
    let begun = MonotonicClock.now()
    process = try workspace.start(
      path, arguments, environment: ["NOTIFY_SOCKET": "\(folder)/notify.sock"])
    while !notify.hearsReady(within: 100) {
      if let status = process.exitStatus {
        throw .ended(program: process.program, status: status, lastWords: process.lastWords)
      }
      guard MonotonicClock.now() - begun < UInt64(Self.patience) * 1_000_000_000 else {
        throw .late(program: process.program, seconds: Self.patience)
      }
    }
    readyAfter = Double(MonotonicClock.now() - begun) / 1e6
  }

  /// What the kernel says about it now.
  package func figures() throws(PeerError) -> ProcessFigures { try ProcessFigures(process.pid) }

  /// Ends it.
  package func end() { workspace.end(process) }
}
