package import JSON
import NIOCore
package import PromptProtocol

/// The daemon's methods as calls. Errors are `ClientError`, and `CancellationError` where the
/// caller was cancelled.
package struct PromptClient: Sendable {
  private let connection: Connection

  /// How long a report may take before the daemon counts as stuck: it never waits for anything.
  package static let reportTime = Duration.seconds(10)

  package init(_ connection: Connection) { self.connection = connection }

  /// Connects to the socket at `path` for the length of `body`.
  package static func withConnection<Result: Sendable>(
    to path: String, _ body: (PromptClient) async throws -> Result
  ) async throws -> Result {
    let connection = try await Connection.open(path)
    do {
      let result = try await body(PromptClient(connection))
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Asks who is there.
  package func ping(within limit: Duration = reportTime) async throws -> PingResult {
    PingResult(try await report(.ping, within: limit))
  }

  /// The result of a method with parameters in JSON, parsed.
  package func report(
    _ method: RPCMethod, _ params: [UInt8]? = nil, within limit: Duration = reportTime
  ) async throws -> JSONTree {
    do {
      return try JSONTree(parsing: await call(method, params, within: limit))
    } catch let error as JSONError {
      throw ClientError.notPromptd(reason: "a result \(error)")
    }
  }

  /// Calls any method with parameters in JSON, an object; its result as JSON. Without a limit it
  /// waits as long as the connection lasts.
  package func call(
    _ method: RPCMethod, _ params: [UInt8]? = nil, within limit: Duration? = nil
  ) async throws -> [UInt8] {
    let call = try connection.call(method, params)
    let timer = limit.map { connection.limit(call.id, to: $0) }
    defer { timer?.cancel() }
    for try await event in call.events {
      if case .result(let bytes) = event { return bytes }
    }
    // A stream without a result ends early only for a reader that was cancelled.
    throw CancellationError()
  }

  /// Begins a chat with the API's body in JSON. A reader that goes away cancels the request.
  package func chat(_ body: [UInt8]) throws(ClientError) -> Chat {
    let connection = connection
    let call = try connection.call(.chat, body) { id in
      connection.notify(.chatCancel, Self.reference(to: id))
    }
    return Chat(id: call.id, events: call.events)
  }

  /// Cancels a chat of this connection; whether it was still under way.
  package func cancel(_ id: Int, within limit: Duration = reportTime) async throws -> Bool {
    let result = try await call(.chatCancel, Self.reference(to: id), within: limit)
    do {
      return try JSONTree(parsing: result)["cancelled"]?.bool == true
    } catch {
      throw ClientError.notPromptd(reason: "a result cannot be read")
    }
  }

  private static func reference(to id: Int) -> [UInt8] { Array(#"{"id":\#(id)}"#.utf8) }
}
