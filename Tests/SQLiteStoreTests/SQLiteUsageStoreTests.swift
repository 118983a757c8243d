import FoundationEssentials
import GRDB
import Glibc
import PromptProtocol
import Testing

@testable import SQLiteStore

@Suite struct SQLiteUsageStoreTests {
  private let fixture: StoreFixture
  private let database: StateDatabase
  private let store: SQLiteUsageStore

  init() throws {
    fixture = try StoreFixture()
    database = StateDatabase(file: fixture.file)
    store = SQLiteUsageStore(database)
  }

  private func row(
    _ client: String, day: String = "2026-11-25", label: String = "", tokens: Int = 10
  ) -> UsageRow {
    UsageRow(
      day: day, client: client, model: "m", upstream: "a", label: label, calls: 1, errors: 0,
      tokensIn: tokens, tokensOut: 2 * tokens, cost: 0.5)
  }

  @Test func whatIsAddedIsThereAfterARestart() throws {
    try store.add([row("alice"), row("bob", tokens: 1)])
    try store.add([row("alice"), row("alice", label: "nightly"), row("alice", day: "2026-11-24")])
    database.close()
    let again = SQLiteUsageStore(StateDatabase(file: fixture.file))
    let spent = try again.spent(on: "2026-11-25")
    #expect(
      spent.sorted { $0.client < $1.client } == [
        .init(client: "alice", tokens: 90, cost: 1.5), .init(client: "bob", tokens: 3, cost: 0.5),
      ])
    #expect(try again.spent(on: "2026-11-23").isEmpty)
    #expect(fixture.mode(of: "cache.sqlite") == 0o600)
  }

  @Test func aFileThatWasRemovedIsMadeAnew() throws {
    try store.add([row("alice")])
    for suffix in ["", "-wal", "-shm"] { unlink(fixture.file + suffix) }
    try store.add([row("bob")])
    let again = SQLiteUsageStore(StateDatabase(file: fixture.file))
    #expect(try again.spent(on: "2026-11-25").map(\.client) == ["bob"])
  }

  @Test func anotherFileInItsPlaceIsAddedTo() throws {
    let other = fixture.folder + "/other.sqlite"
    let backup = StateDatabase(file: other)
    try SQLiteUsageStore(backup).add([row("carol", tokens: 7777)])
    backup.close()
    for _ in 0..<300 { try store.add([row("alice")]) }
    #expect(rename(other, fixture.file) == 0)
    try store.add([row("bob")])
    #expect(try store.spent(on: "2026-11-25").map(\.client).sorted() == ["bob", "carol"])
  }

  @Test func onceClosedItStaysClosed() throws {
    try store.add([row("alice")])
    database.close()
    #expect(throws: StoreFault.self) { try store.add([row("bob")]) }
  }

  @Test func aDamagedFileStaysWhereItIsAndIsTriedAgain() throws {
    let noise = Data(repeating: 0x55, count: 9000)
    try noise.write(to: URL(filePath: fixture.file))
    let fault = #expect(throws: StoreFault.self) { try store.add([row("alice")]) }
    #expect(fault?.description.contains("it is damaged; move it away") == true)
    #expect(throws: StoreFault.self) { try store.spent(on: "2026-11-25") }
    #expect(try Data(contentsOf: URL(filePath: fixture.file)) == noise)
    try FileManager.default.removeItem(atPath: fixture.file)
    try store.add([row("alice")])
    #expect(try store.spent(on: "2026-11-25").count == 1)
  }

  @Test func aFileFromTheFutureIsLeftAlone() throws {
    try fixture.edit { try $0.execute(sql: "PRAGMA user_version = 99") }
    #expect(throws: StoreFault.newerSchema(file: fixture.file, version: 99, known: 3)) {
      try store.add([row("alice")])
    }
  }

  /// Rows are added all or none.
  @Test func aRowThatCannotBeAddedTakesTheOthersWithIt() throws {
    try store.add([row("alice")])
    database.close()
    try fixture.edit { db in
      try db.execute(
        sql: """
          CREATE TRIGGER no_bob BEFORE INSERT ON usage WHEN NEW.client = 'bob'
          BEGIN SELECT RAISE(ABORT, 'no'); END
          """)
    }
    let again = SQLiteUsageStore(StateDatabase(file: fixture.file))
    #expect(throws: StoreFault.self) { try again.add([row("carol"), row("bob")]) }
    #expect(try again.spent(on: "2026-11-25").map(\.client) == ["alice"])
  }

  @Test func usageIsSummedUpAsAskedWithWhatWasSaved() throws {
    let saving = SavingRow(
      day: "2026-11-25", client: "alice", answers: 2, tokensIn: 3, tokensOut: 4, milliseconds: 5,
      cost: 0.5)
    try store.add(
      [row("alice"), row("alice", label: "x"), row("bob"), row("bob", day: "2026-11-26")],
      savings: [saving])
    let byClient = try store.sums(UsageQuery(dimensions: [.client]))
    #expect(byClient.map(\.values) == [["alice"], ["bob"]])
    #expect(byClient.map(\.calls) == [2, 2])
    #expect(byClient.map(\.tokensOut) == [40, 40])
    #expect(byClient.map { $0.saved?.answers } == [2, nil])
    let late = try store.sums(UsageQuery(dimensions: [.day], since: "2026-11-26"))
    #expect(late.map(\.values) == [["2026-11-26"]])
    let own = try store.sums(UsageQuery(dimensions: [.label, .model], client: "alice"))
    #expect(own.map(\.values) == [["", "m"], ["x", "m"]])
    #expect(own.allSatisfy { $0.saved == nil })
    #expect(try store.sums(UsageQuery(dimensions: [])).map(\.calls) == [4])
  }
}
