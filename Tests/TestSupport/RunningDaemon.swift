import PromptSandbox

/// The built promptd, running and ready, with its files in a temporary folder.
package struct RunningDaemon: Sendable {
  package let program: Program
  package let notifications: NotifyListener
  package let folder: TemporaryFolder

  /// The socket that it serves.
  package var socket: String { folder["promptd.sock"] }

  /// A configuration with everything in `folder`; `cache`, `others` and `listen` are lines of it.
  package static func configuration(
    in folder: TemporaryFolder, cache: String = "", others: String = "", listen: String = ""
  ) -> String {
    """
    [listen]
    socket = "\(folder["promptd.sock"])"
    \(listen)
    [cache]
    file = "\(folder["cache.sqlite"])"
    \(cache)
    [state]
    file = "\(folder["state.sqlite"])"
    \(others)
    """
  }

  /// Starts promptd and waits until it says that it is ready.
  package static func start(
    in folder: TemporaryFolder, arguments: [String] = ["--sandbox"], cache: String = "",
    others: String = "", listen: String = "", environment: [String: String] = [:],
    inherited: Int32? = nil
  ) async throws -> RunningDaemon {
    let file = try folder.write(
      configuration(in: folder, cache: cache, others: others, listen: listen), to: "promptd.toml")
    let notifications = try NotifyListener(in: folder)
    let program = try Program(
      "promptd", ["--config", file] + arguments, in: folder,
      environment: environment.merging(["NOTIFY_SOCKET": notifications.path]) { own, _ in own },
      inherited: inherited)
    guard await notifications.message(with: "READY=1") != nil else {
      throw ConnectionFailure(description: "promptd is not ready: \(program.errors)")
    }
    return RunningDaemon(program: program, notifications: notifications, folder: folder)
  }

  /// Connects a client.
  package func client() throws -> LineClient { try LineClient(socket) }

  /// Connects a client that speaks HTTP.
  package func httpClient() throws -> APIClient { try APIClient(.unix(socket)) }

  /// Asks it to stop and returns how it ended.
  package func stop() async -> Program.Result {
    program.signal(15)
    return await program.result()
  }
}
