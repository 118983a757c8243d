import Glibc
import Testing

@testable import Systemd

struct LogFormatTests {
  private func stream(of descriptor: Descriptor) throws -> String {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw SystemCallFailure("fstat") }
    return "\(status.st_dev):\(status.st_ino)"
  }

  @Test func autoIsTheJournalWhereTheDescriptorIsItsStream() throws {
    let (one, _) = try Descriptor.socketPair()
    let format = LogFormat.auto.resolved(
      environment: try stream(of: one), descriptor: one.number)
    #expect(format == .journal)
  }

  @Test func autoIsTextWhereTheDescriptorWasRedirected() throws {
    let (one, other) = try Descriptor.socketPair()
    let environment = try stream(of: one)
    #expect(LogFormat.auto.resolved(environment: environment, descriptor: other.number) == .text)
    #expect(LogFormat.auto.resolved(environment: nil, descriptor: one.number) == .text)
    #expect(LogFormat.auto.resolved(environment: "", descriptor: one.number) == .text)
    #expect(LogFormat.auto.resolved(environment: environment, descriptor: -1) == .text)
  }

  @Test func aServiceThatFoundNoJournalWritesToTheOneThatComes() throws {
    let null = try Descriptor(open("/dev/null", O_WRONLY), "open")
    let auto = LogFormat.auto
    #expect(
      auto.resolved(environment: nil, descriptor: null.number, isService: true) == .journal)
    #expect(auto.resolved(environment: nil, descriptor: null.number) == .text)
    let (one, _) = try Descriptor.socketPair()
    #expect(auto.resolved(environment: nil, descriptor: one.number, isService: true) == .text)
  }

  @Test func aFormatThatWasAskedForHolds() throws {
    let (one, _) = try Descriptor.socketPair()
    let environment = try stream(of: one)
    for format in [LogFormat.text, .json, .journal] {
      #expect(format.resolved(environment: environment, descriptor: one.number) == format)
    }
  }
}
