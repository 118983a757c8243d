/// A pattern of `*` (any characters, also none), `?` (one character) and literal text, which
/// must fit the whole of a name, case and all.
///
/// Matching allocates nothing, never recurses, and takes at most name × pattern steps: only the
/// last `*` is ever tried again, so no pattern is exponential.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as written.
  package let pattern: String

  private let bytes: [UInt8]

  /// The pattern that fits every name.
  package static let everything = Self("*")

  /// Takes any text: there is no wrong pattern.
  package init(_ pattern: String) {
    self.pattern = pattern
    bytes = Array(pattern.utf8)
  }

  package var description: String { pattern }

  /// Whether the pattern fits the whole of `name`.
  package func matches(_ name: String) -> Bool {
    if bytes == [Self.star] { return true }
    var name = name
    return name.withUTF8 { matches(bytes: $0) }
  }

  private static let star = UInt8(ascii: "*")
  private static let mark = UInt8(ascii: "?")

  private func matches(bytes name: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    var token = 0
    var retry: (token: Int, position: Int)?
    while position < name.count {
      if token < bytes.count, bytes[token] == Self.star {
        token += 1
        retry = (token, position)
      } else if token < bytes.count, bytes[token] == Self.mark {
        token += 1
        position = Self.nextCharacter(in: name, after: position)
      } else if token < bytes.count, bytes[token] == name[position] {
        token += 1
        position += 1
      } else if let last = retry {
        position = Self.nextCharacter(in: name, after: last.position)
        retry = (last.token, position)
        token = last.token
      } else {
        return false
      }
    }
    return bytes[token...].allSatisfy { $0 == Self.star }
  }

  /// UTF-8 continuation bytes are 10xxxxxx (RFC 3629 section 3): a character ends where they do.
  private static func nextCharacter(
    in name: UnsafeBufferPointer<UInt8>, after position: Int
  ) -> Int {
    var next = position + 1
    while next < name.count, name[next] & 0b1100_0000 == 0b1000_0000 { next += 1 }
    return next
  }
}

extension [Glob] {
  /// Whether any of the patterns fits `name`.
  package func match(_ name: String) -> Bool { contains { $0.matches(name) } }
}
