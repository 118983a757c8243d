import JSON

/// Where the chunks of a streamed answer ended, so that it can be streamed again as it came.
package struct ChunkBoundaries: Hashable, Sendable {
  /// The text that a chunk carried.
  package enum Field: Hashable, Sendable {
    case content
    case reasoning
    /// The arguments of the tool call with this index.
    case arguments(Int)
  }

  /// One chunk's part of one text: how many bytes of UTF-8 it carried.
  package struct Piece: Hashable, Sendable {
    package var choice: Int
    package var field: Field
    package var length: Int
  }

  package var pieces: [Piece] = []

  package init() {}

  /// The stored form: a JSON array of three integers a piece (choice, field, length), where a
  /// field is 0 for content, 1 for reasoning, and 2 and up for tool calls.
  package var encoded: [UInt8] {
    var writer = JSONWriter()
    writer.array {
      for piece in pieces {
        $0.integer(piece.choice)
        switch piece.field {
        case .content: $0.integer(0)
        case .reasoning: $0.integer(1)
        case .arguments(let index): $0.integer(index + 2)
        }
        $0.integer(piece.length)
      }
    }
    return writer.bytes
  }

  /// Reads the stored form; nil when it is none.
  package init?(encoded: [UInt8]) {
    guard let numbers = Self.integers(encoded), numbers.count % 3 == 0 else { return nil }
    for start in stride(from: 0, to: numbers.count, by: 3) {
      let (choice, code, length) = (numbers[start], numbers[start + 1], numbers[start + 2])
      guard choice >= 0, code >= 0, length >= 0 else { return nil }
      let field: Field = code == 0 ? .content : code == 1 ? .reasoning : .arguments(code - 2)
      pieces.append(Piece(choice: choice, field: field, length: length))
    }
  }

  private static func integers(_ encoded: [UInt8]) -> [Int]? {
    do {
      return try JSONParser().withDocument(of: encoded) { root in
        let values = root.elements.map(\.int)
        return values.contains(nil) ? nil : values.compactMap(\.self)
      }
    } catch {
      return nil
    }
  }
}
