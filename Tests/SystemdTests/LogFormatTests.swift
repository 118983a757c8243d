import Glibc
import Testing

@testable import Systemd

@Suite struct LogFormatTests {
  @Test func theJournalIsChosenOnlyWhenTheDescriptorIsItsStream() {
    var status = stat()
    fstat(0, &status)
    let own = "\(status.st_dev):\(status.st_ino)"
    #expect(LogFormat.auto.resolved(environment: own, descriptor: 0) == .journal)
    #expect(LogFormat.auto.resolved(environment: "1:2", descriptor: 0) == .text)
    #expect(LogFormat.auto.resolved(environment: nil, descriptor: 0) == .text)
    #expect(LogFormat.json.resolved(environment: own, descriptor: 0) == .json)
  }
}
