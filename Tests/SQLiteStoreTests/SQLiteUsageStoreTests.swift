import FoundationEssentials
import Glibc
import PromptProtocol
import SQLite
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
    _ client: String, day: String = "2026-11-25", label: String = "", tokens: Int = 10,
    hits: Int = 0
  ) -> [UsageKey: UsageFigures] {
    var figures = UsageFigures()
    figures.calls = 1
    figures.tokensIn = tokens
    figures.tokensOut = 2 * tokens
    figures.cost = 0.5
    figures.hits = hits
    figures.saved.tokensIn = 3 * hits
    return [UsageKey(day: day, client: client, model: "m", upstream: "a", label: label): figures]
  }

  private func add(_ rows: [UsageKey: UsageFigures]...) throws {
    try store.add(rows.reduce(into: [:]) { all, row in all.merge(row) { first, _ in first } })
  }

  @Test func whatIsAddedIsThereAfterARestart() throws {
    try add(row("alice"), row("bob", tokens: 1))
    try add(row("alice"), row("alice", label: "nightly"), row("alice", day: "2026-11-24"))
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
    try store.add(row("alice"))
    for suffix in ["", "-wal", "-shm"] { unlink(fixture.file + suffix) }
    try store.add(row("bob"))
    let again = SQLiteUsageStore(StateDatabase(file: fixture.file))
    #expect(try again.spent(on: "2026-11-25").map(\.client) == ["bob"])
  }

  @Test func anotherFileInItsPlaceIsAddedTo() throws {
    let other = fixture.folder + "/other.sqlite"
    let backup = StateDatabase(file: other)
    try SQLiteUsageStore(backup).add(row("carol", tokens: 7777))
    backup.close()
    for _ in 0..<300 { try store.add(row("alice")) }
    #expect(rename(other, fixture.file) == 0)
    try store.add(row("bob"))
    #expect(try store.spent(on: "2026-11-25").map(\.client).sorted() == ["bob", "carol"])
  }

  @Test func onceClosedItStaysClosed() throws {
    try store.add(row("alice"))
    database.close()
    #expect(throws: StoreFault.self) { try store.add(row("bob")) }
  }

  @Test func aDamagedFileStaysWhereItIsAndIsTriedAgain() throws {
    let noise = Data(repeating: 0x55, count: 9000)
    try noise.write(to: URL(filePath: fixture.file))
    let fault = #expect(throws: StoreFault.self) { try store.add(row("alice")) }
    #expect(fault?.description.contains("seems damaged") == true)
    #expect(throws: StoreFault.self) { try store.spent(on: "2026-11-25") }
    #expect(try Data(contentsOf: URL(filePath: fixture.file)) == noise)
    try FileManager.default.removeItem(atPath: fixture.file)
    try store.add(row("alice"))
    #expect(try store.spent(on: "2026-11-25").count == 1)
  }

  @Test func aFileFromTheFutureIsLeftAlone() throws {
    try fixture.edit { try $0.execute("PRAGMA user_version = 99") }
    #expect(throws: StoreFault.newerSchema(file: fixture.file, version: 99, known: 4)) {
      try store.add(row("alice"))
    }
  }

  /// Rows are added all or none.
  @Test func aRowThatCannotBeAddedTakesTheOthersWithIt() throws {
    try store.add(row("alice"))
    database.close()
    try fixture.edit { db in
      try db.execute(
        """
        CREATE TRIGGER no_bob BEFORE INSERT ON usage WHEN NEW.client = 'bob'
        BEGIN SELECT RAISE(ABORT, 'no'); END
        """)
    }
    let again = SQLiteUsageStore(StateDatabase(file: fixture.file))
    #expect(throws: StoreFault.self) {
      try again.add(row("carol").merging(row("bob")) { first, _ in first })
    }
    #expect(try again.spent(on: "2026-11-25").map(\.client) == ["alice"])
  }

  @Test func usageIsSummedUpAsAskedWithWhatWasSaved() throws {
    try add(
      row("alice", hits: 2), row("alice", label: "x", hits: 1), row("bob"),
      row("bob", day: "2026-11-26"))
    let byClient = try store.sums(UsageQuery(dimensions: [.client]))
    #expect(byClient.map(\.values) == [["alice"], ["bob"]])
    #expect(byClient.map(\.figures.calls) == [2, 2])
    #expect(byClient.map(\.figures.tokensOut) == [40, 40])
    #expect(byClient.map(\.figures.hits) == [3, 0])
    let late = try store.sums(UsageQuery(dimensions: [.day], since: "2026-11-26"))
    #expect(late.map(\.values) == [["2026-11-26"]])
    let own = try store.sums(UsageQuery(dimensions: [.label, .model], client: "alice"))
    #expect(own.map(\.values) == [["", "m"], ["x", "m"]])
    #expect(own.map(\.figures.saved.tokensIn) == [6, 3])
    #expect(try store.sums(UsageQuery(dimensions: [])).map(\.figures.calls) == [4])
    #expect(try store.saved()["alice"]?.saved.tokensIn == 9)
  }

  /// What upstreams and cassettes count is theirs, and is added up for years.
  @Test func noSumIsTooLargeForItsRow() throws {
    var figures = UsageFigures()
    figures.tokensIn = .max
    figures.saved.milliseconds = 1 << 60
    let key = try #require(row("alice").keys.first)
    for _ in 0..<20 { try add([key: figures]) }
    try add(row("bob"))
    let sums = try store.sums(UsageQuery(dimensions: []))
    #expect(sums.first.map { $0.figures.tokensIn > 1 << 47 } == true)
    #expect(try store.saved()["alice"]?.saved.milliseconds == UsageSQL.most)
  }

  /// The third version of the schema kept savings apart, by day and client.
  @Test func savingsOfAnOlderFileAreKept() throws {
    try add(row("alice"))
    database.close()
    try fixture.edit { db in
      try db.execute(
        """
        DROP TABLE usage; \(UsageSQL.tables.joined())
        INSERT INTO saving VALUES ('2026-11-25', 'alice', 2, 3, 4, 5, 0.5);
        PRAGMA user_version = 3
        """)
    }
    let again = SQLiteUsageStore(StateDatabase(file: fixture.file))
    let saved = try again.saved()["alice"]
    #expect(saved?.hits == 2 && saved?.saved.tokensOut == 4 && saved?.saved.cost == 0.5)
  }
}
