import JSON
import Synchronization

/// Parsers to borrow: to make one for each document takes longer than to parse it.
enum Parsers {
  /// Handed from one borrower to the next, under the lock.
  private struct Idle: @unchecked Sendable {
    var parsers: [JSONParser] = []
  }

  private static let idle = Mutex(Idle())

  /// Lends one that nobody else has; whoever parses inside of `body` borrows another.
  static func borrow<Result>(_ body: (JSONParser) throws -> Result) rethrows -> Result {
    let box = idle.withLock { Idle(parsers: $0.parsers.popLast().map { [$0] } ?? []) }
    let parser = box.parsers.first ?? JSONParser()
    let back = Idle(parsers: [parser])
    defer { idle.withLock { $0.parsers += back.parsers } }
    return try body(parser)
  }

  /// Parses a document with a borrowed one.
  static func withDocument<Result>(
    of bytes: [UInt8], _ body: (JSONValue) throws -> Result
  ) throws -> Result { try borrow { try $0.withDocument(of: bytes, body) } }
}
