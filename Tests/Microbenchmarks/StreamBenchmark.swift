import NIOCore
import PromptCore
import PromptServer

/// What it costs to find events in a stream, and lines in what a client sends.
struct StreamBenchmark {
  private static let rounds = 20

  /// Events of about 200 bytes, in pieces as a socket gives them, and as small as they come.
  func run() -> [Figure] {
    let chunk = #"{"id":"c","choices":[{"index":0,"delta":{"content":"word"}}]}"#
    let event = "data: \(chunk)\(String(repeating: " ", count: 200 - chunk.utf8.count))\n\n"
    let stream = Array(String(repeating: event, count: 5000).utf8)
    return [16 << 10, 1400, 64].map { size in
      Figure.speed("events in pieces of \(size) bytes", of: Self.rounds * stream.count) {
        for _ in 0..<Self.rounds {
          var parser = EventStreamParser()
          var events = 0
          for start in stride(from: 0, to: stream.count, by: size) {
            events += parser.add(Array(stream[start..<min(start + size, stream.count)])).count
          }
          precondition(events == 5000)
        }
      }
    }
  }

  /// Lines of a KiB, many in a piece and in pieces of their own.
  func lines() -> [Figure] {
    let line = Array(String(repeating: "x", count: 1023).utf8) + [UInt8(ascii: "\n")]
    return [64, 1].map { many in
      let piece = ByteBuffer(bytes: (0..<many).flatMap { _ in line })
      let count = 200_000 / many
      return Figure.each("a line, \(many) in a piece", count * many) {
        var framer = LineFramer(limit: 1 << 20)
        for _ in 0..<count {
          framer.add(piece)
          while framer.next() != nil {}
        }
      }
    }
  }
}
