package import JSON
import NIOCore
package import PromptProtocol

/// A client for calls that may be made again: it connects anew where the daemon restarts, and asks
/// again what it was asked.
package actor SteadyClient {
  private let path: String
  private var connection: Task<Connection, any Error>?
  /// There was a daemon: one that was never there is not waited for.
  private var hasConnected = false

  /// How long no daemon may be there before it is given up.
  private static let patience = Duration.seconds(120)
  private static let pause = Duration.milliseconds(200)

  /// Will connect to the socket at `path`.
  package init(path: String) { self.path = path }

  /// The result of a method, however often the daemon restarts meanwhile. Throws `ClientError`.
  package func report(_ method: RPCMethod, _ params: [UInt8]) async throws -> JSONTree {
    var since = ContinuousClock.now
    while true {
      let current = connection ?? Task { [path] in try await Connection.open(path) }
      connection = current
      do {
        let client = PromptClient(try await current.value)
        since = .now
        hasConnected = true
        return try JSONTree(parsing: await client.call(method, params))
      } catch let error as ClientError where error.isPassing {
        if connection == current { connection = nil }
        guard hasConnected, .now - since < Self.patience else { throw error }
      } catch let error as JSONError {
        throw ClientError.notPromptd(reason: "a result \(error)")
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// Closes the connection.
  package func close() async {
    guard let current = connection else { return }
    connection = nil
    do { await (try current.value).close() } catch { return }
  }
}

extension ClientError {
  /// Whether the same may go well in a moment.
  package var isPassing: Bool {
    switch self {
    case .noDaemon, .busy, .connectionLost: true
    case .refused(let error): error.name == .shuttingDown || error.name == .queueFull
    case .notPermitted, .pathTooLong, .unreachable, .silent, .notPromptd: false
    }
  }
}
