import Dispatch
import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct LogWriterTests {
  /// A pipe, read to its end on a queue of its own.
  private final class Reader: Sendable {
    let input: Int32
    private let output: Int32

    init() {
      var ends: [Int32] = [0, 0]
      pipe(&ends)
      (output, input) = (ends[0], ends[1])
    }

    /// Begins to read; the stream brings everything at the end of the input, which must be closed
    /// for it.
    func begin() -> AsyncStream<String> {
      let (stream, continuation) = AsyncStream<String>.makeStream()
      DispatchQueue(label: "promptd.test.log").async { [output] in
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
          let count = read(output, &buffer, buffer.count)
          guard count > 0 else { break }
          all += buffer[..<count]
        }
        close(output)
        continuation.yield(String(decoding: all, as: UTF8.self))
        continuation.finish()
      }
      return stream
    }
  }

  private func text(_ stream: AsyncStream<String>) async -> String {
    await stream.reduce(into: "") { $0 += $1 }
  }

  @Test func entriesAreWrittenInOrderBeforeItStops() async {
    let reader = Reader()
    let written = reader.begin()
    let writer = LogWriter(format: .text, descriptor: reader.input)
    let logger = Logger(label: "test") { _ in JournalLogHandler(writer: writer, level: .info) }
    for number in 0..<100 { logger.log(.info, "number", [.status: String(number)]) }
    logger.log(.debug, "not wanted")
    writer.stop()
    close(reader.input)
    let lines = await text(written).split(separator: "\n")
    #expect(lines.count == 100)
    #expect(lines.first?.hasSuffix("info number status=0") == true)
    #expect(lines.last?.hasSuffix("info number status=99") == true)
  }

  @Test func aStalledReaderStopsNobodyAndWhatIsLostIsSaidLater() async {
    let reader = Reader()
    let writer = LogWriter(format: .text, descriptor: reader.input, limit: 8)
    let logger = Logger(label: "test") { _ in JournalLogHandler(writer: writer, level: .info) }
    // More than the pipe holds, so that the thread blocks and the ring fills.
    let large = String(repeating: "x", count: 1 << 16)
    while writer.dropped < 5 { logger.log(.info, "large", [.detail: large]) }
    let dropped = writer.dropped
    let written = reader.begin()
    writer.stop()
    close(reader.input)
    #expect(await text(written).contains("log entries dropped dropped="))
    #expect(writer.dropped >= dropped)
  }
}
