import FoundationEssentials
package import LoadGenerator

/// What a promptd says about itself, as far as it is asked here.
package struct DaemonStatus: Decodable, Equatable, Sendable {
  /// Its queue.
  package struct Queue: Decodable, Equatable, Sendable {
    package var queued: Int
    package var running: Int
  }

  /// Its queue.
  package var queue: Queue

  private struct Reply: Decodable {
    var result: DaemonStatus
  }

  /// Asks for it.
  package init(of endpoint: Endpoint) throws(PeerError) {
    let text = try Exchange.ask(#"{"jsonrpc":"2.0","id":1,"method":"status"}"#, endpoint)
    do {
      self = try JSONDecoder().decode(Reply.self, from: Data(text.utf8)).result
    } catch {
      throw .unexpected(program: "promptd", output: text)
    }
  }
}
