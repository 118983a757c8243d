import Logging
import PromptCore
import PromptProtocol
import Testing

@testable import PromptServer
@testable import Systemd

struct LogWatchTests {
  private func entry(client: String?) -> LoggedEntry {
    let fields = client.map { [(key: LogField.client.rawValue, value: $0)] } ?? []
    return LoggedEntry(LogEntry(level: .info, message: "m", fields: fields, time: 0))
  }

  @Test func aClientSeesItsOwnEntriesAndNoOthers() {
    let policy = ClientPolicy(name: "alice")
    #expect(LogWatch.shows(entry(client: "alice"), to: policy))
    #expect(!LogWatch.shows(entry(client: "bob"), to: policy))
    #expect(!LogWatch.shows(entry(client: nil), to: policy))
  }

  @Test func anAdministratorSeesEverything() {
    let policy = ClientPolicy(name: "carol", admin: true)
    for client in ["alice", nil] { #expect(LogWatch.shows(entry(client: client), to: policy)) }
  }

  @Test func whatIsMissedIsToldOnce() {
    var watch = LogWatch(RequestID(milliseconds: 0, random: (0, 1)))
    watch.miss()
    watch.miss()
    #expect(watch.takeMissed() == 2)
    #expect(watch.takeMissed() == 0)
  }
}
