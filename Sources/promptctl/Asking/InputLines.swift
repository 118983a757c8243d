import JSON
import PromptClient

/// Lines of JSON from a descriptor, some at a time.
struct InputLines {
  /// One line and its number, from 1.
  struct Line {
    var number: Int
    var text: [UInt8]
    /// Why it is no JSON; nil when it is.
    var fault: String?
  }

  private let descriptor: CInt
  private let name: String
  private var rest: [UInt8] = []
  private var number = 0
  private var isAtEnd = false
  /// Bytes that are still to be read, at most.
  private var left: Int

  /// A line is at most this long, in bytes.
  private static let longest = 64 << 20

  /// Reads what is there, or the first `limit` bytes of it.
  init(_ descriptor: CInt, name: String, limit: Int = .max) {
    self.descriptor = descriptor
    self.name = name
    left = limit
  }

  /// The next lines, about `bytes` of them and one at least; nil at the end.
  mutating func next(bytes: Int) throws -> [Line]? {
    var lines: [Line] = []
    var size = 0
    while size < bytes, let text = try line() {
      number += 1
      guard text.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
      lines.append(Line(number: number, text: text, fault: Self.fault(of: text)))
      size += text.count
    }
    return lines.isEmpty ? nil : lines
  }

  private static func fault(of text: [UInt8]) -> String? {
    do {
      try JSONParser().withDocument(of: text) { _ in }
      return nil
    } catch {
      return "it is no JSON: it \(error)"
    }
  }

  private mutating func line() throws -> [UInt8]? {
    var searched = 0
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      if let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeSubrange(...end) }
        return Array(rest[..<end])
      }
      searched = rest.count
      guard searched <= Self.longest else {
        throw Ending(code: 65, message: "line \(number + 1) of \(name) is too long")
      }
      if isAtEnd {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
      }
      do {
        let count = try BlockingIO.read(descriptor, into: &buffer)
        let taken = min(count, left)
        left -= taken
        isAtEnd = taken == 0
        rest += buffer[..<taken]
      } catch {
        throw Ending(code: 65, message: "cannot read \(name): \(error.reason)")
      }
    }
  }
}
