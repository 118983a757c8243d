import Logging
import Testing

@testable import Systemd

@Suite(.timeLimit(.minutes(1)))
struct JournalLogHandlerTests {
  private struct Fault: Error, CustomStringConvertible {
    var description: String { "the disk is full" }
  }

  /// The lines that are written while `body` logs, without their times.
  private func lines(
    level: Logger.Level = .info, _ body: (inout Logger) -> Void
  ) throws -> [String] {
    let (reader, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .text, descriptor: end.number)
    writer.level = level
    var logger = Logger(label: "test") { _ in JournalLogHandler(writer: writer) }
    body(&logger)
    #expect(writer.stop())
    end.close()
    return try reader.read().split(separator: "\n").map {
      String($0.drop { $0 != " " }.dropFirst())
    }
  }

  @Test func fieldsAreWrittenInTheOrderOfTheirNames() throws {
    let lines = try lines {
      $0.log(.notice, "call ended", [.request: "r-1", .attempts: "1", .client: "c"])
    }
    #expect(lines == ["notice call ended attempts=1 client=c request=r-1"])
  }

  @Test func fieldsThatAreWorkedOutLaterKeepTheirOrder() throws {
    let lines = try lines {
      $0.log(
        .notice, "call ended", later: { [(.request, "r-1"), (.client, "c"), (.attempts, "1")] })
    }
    #expect(lines == ["notice call ended request=r-1 client=c attempts=1"])
  }

  @Test func whatIsBelowTheLevelIsNeverWorkedOut() throws {
    let lines = try lines(level: .warning) {
      $0.log(
        .info, "quiet",
        later: {
          Issue.record("nobody asked")
          return []
        })
    }
    #expect(lines.isEmpty)
  }

  @Test func anEntryBelowTheLevelIsNeitherWrittenNorMadeUp() throws {
    var asked = 0
    func fields() -> [LogField: String] {
      asked += 1
      return [:]
    }
    let lines = try lines(level: .warning) {
      $0.log(.info, "quiet", fields())
      $0.logLevel = .info
      $0.log(.info, "loud", fields())
    }
    #expect(lines == ["info loud"])
    #expect(asked == 1)
  }

  @Test func theNearestMetadataWins() throws {
    let lines = try lines {
      $0[metadataKey: "client"] = "standing"
      $0.info("m", metadata: ["client": "given"])
      $0.info("m")
    }
    #expect(lines == ["info m client=given", "info m client=standing"])
  }

  @Test func aCopyOfALoggerKeepsItsMetadataToItself() throws {
    let lines = try lines {
      var copy = $0
      copy[metadataKey: "client"] = "copy"
      $0.info("m")
      copy.info("m")
    }
    #expect(lines == ["info m", "info m client=copy"])
  }

  @Test func anErrorOfTheEntryIsAField() throws {
    #expect(try lines { $0.error("m", error: Fault()) } == [#"error m error="the disk is full""#])
  }

  @Test func aMetadataProviderIsAsked() throws {
    let (reader, end) = try Descriptor.socketPair()
    let writer = LogWriter(format: .text, descriptor: end.number)
    var handler = JournalLogHandler(writer: writer)
    handler.metadataProvider = Logger.MetadataProvider { ["request": "r-9"] }
    Logger(label: "test") { [handler] _ in handler }.info("m")
    #expect(writer.stop())
    end.close()
    #expect(try reader.read().hasSuffix(" info m request=r-9\n"))
  }
}
