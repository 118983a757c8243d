import Glibc
import Logging
import Testing

@testable import Systemd

@Suite(.timeLimit(.minutes(1)))
struct LogWriterTests {
  private func logger(_ writer: LogWriter) -> Logger {
    Logger(label: "test") { _ in JournalLogHandler(writer: writer) }
  }

  /// The numbers told by lines that count dropped entries.
  private func told(_ text: String) -> [Int] {
    text.split(separator: "\n").filter { $0.contains(" warning log entries dropped ") }
      .compactMap { Int($0.split(separator: "=").last ?? "") }
  }

  @Test func stopWritesWhatIsLeft() throws {
    let (reader, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .text, descriptor: end.number)
    for number in 0..<100 { logger(writer).log(.info, "m", [.request: "\(number)"]) }
    #expect(writer.stop())
    end.close()
    let lines = try reader.read().split(separator: "\n")
    #expect(lines.map { $0.split(separator: "=").last } == (0..<100).map { "\($0)" })
    #expect(writer.dropped == 0)
  }

  @Test func aLineIsWrittenWithoutWaitingForMore() throws {
    let (reader, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .json, descriptor: end.number)
    defer { writer.stop() }
    for number in 0..<20 {
      logger(writer).log(.info, "m", [.request: "r-\(number)"])
      #expect(try reader.read(until: "\n").contains("r-\(number)\""))
    }
  }

  @Test(arguments: [false, true])
  func aReaderThatStallsCostsEntriesAndIsToldSo(isNonBlocking: Bool) throws {
    let (reader, end) = try Descriptor.socketPair()
    if isNonBlocking { _ = fcntl(end.number, F_SETFL, O_NONBLOCK) }
    try end.fill()
    let writer = LogWriter(format: .text, descriptor: end.number)
    let logged = LogWriter.ringLimit + 100
    for _ in 0..<logged { logger(writer).log(.info, "entry") }
    // One batch may be out of the ring already, stuck in write(2).
    #expect((100 - LogWriter.batch...100).contains(writer.dropped))
    // Stopping takes a full ring with it: what waits is written when the reader goes on.
    let text = try reader.read(until: " warning log entries dropped") + stopped(writer, reader, end)
    #expect(told(text) == [writer.dropped])
    #expect(text.split(separator: " info entry\n").count == logged - writer.dropped + 1)
  }

  /// The rest of what is written until the writer has ended.
  private func stopped(
    _ writer: LogWriter, _ reader: Descriptor, _ end: Descriptor
  ) throws -> String {
    logger(writer).log(.info, "last")
    let text = try reader.read(until: " info last\n")
    #expect(writer.stop())
    end.close()
    return text + (try reader.read())
  }

  @Test func stopLeavesAReaderThatStallsAlone() throws {
    let (reader, end) = try Descriptor.socketPair()
    try end.fill()
    let writer = LogWriter(format: .text, descriptor: end.number)
    logger(writer).log(.info, "entry")
    #expect(!writer.stop(atMost: .milliseconds(20)))
    // The thread is still there, and goes on when it can.
    _ = try reader.read(until: " info entry\n")
    #expect(writer.stop())
  }

  @Test func aReaderThatIsGoneEndsNeitherProcessNorThread() throws {
    let (reader, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .text, descriptor: end.number)
    reader.close()
    logger(writer).log(.info, "entry")
    logger(writer).log(.info, "entry")
    #expect(writer.stop())
    #expect(writer.dropped == 2)
  }

  @Test func whatComesAfterStopIsCounted() throws {
    let (_, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .text, descriptor: end.number)
    #expect(writer.stop())
    logger(writer).log(.info, "late")
    #expect(writer.dropped == 1)
    #expect(writer.stop())
  }

  @Test func manyThreadsLogAtOnceAndNothingIsLost() async throws {
    let (reader, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .text, descriptor: end.number)
    let logger = logger(writer)
    let number = reader.number
    let reading = Reading(number)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { for _ in 0..<500 { logger.log(.info, "entry") } }
      }
    }
    #expect(writer.stop(atMost: .seconds(30)))
    end.close()
    let lines = reading.text().split(separator: "\n")
    #expect(lines.count == 2000)
    #expect(lines.allSatisfy { $0.hasSuffix("Z info entry") })
  }
}
