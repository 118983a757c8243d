import SQLite
import Testing

@testable import SQLiteStore

@Suite struct SQLiteJobStoreTests {
  private let fixture: StoreFixture
  private let store: SQLiteJobStore

  init() throws {
    fixture = try StoreFixture()
    store = SQLiteJobStore(StateDatabase(file: fixture.file))
  }

  private func row(
    _ id: String, owner: String = "uid-1", priority: Int = 2, key: String? = nil
  ) -> JobRow {
    JobRow(
      id: id, owner: owner, client: "alice", identity: "{}", model: "m", priority: priority,
      idempotencyKey: key,
      body: Array("body of \(id)".utf8), submitted: 5)
  }

  private func ending(_ id: String, _ state: String = "done") -> SQLiteJobStore.Ending {
    .init(id: id, state: state, reply: Array("reply to \(id)".utf8), time: 9)
  }

  @Test func whatWasSubmittedIsThereAfterARestartInItsOrder() throws {
    _ = try store.submit([row("b"), row("a"), row("c", priority: 4)])
    let again = SQLiteJobStore(StateDatabase(file: fixture.file))
    let all = try again.queued(priority: 2, owner: "uid-1", after: 0, count: 9)
    #expect(all.map(\.id) == ["b", "a"])
    #expect(all.map(\.bodyBytes) == [9, 9])
    #expect(all.allSatisfy { $0.body.isEmpty && $0.identity == "{}" })
    let later = try again.queued(priority: 2, owner: "uid-1", after: 1, count: 9)
    #expect(later.map(\.id) == ["a"])
    #expect(try again.job("c")?.body == Array("body of c".utf8))
    #expect(
      try again.waiting() == [
        .init(priority: 2, owner: "uid-1", count: 2, bytes: 18),
        .init(priority: 4, owner: "uid-1", count: 1, bytes: 9),
      ])
  }

  @Test func ofEachOwnerTheLatestResultsStayThatThereIsRoomFor() throws {
    _ = try store.submit(["a", "b", "c"].map { row($0) } + [row("d", owner: "uid-2"), row("e")])
    _ = try store.finish(["a", "b", "c", "d"].map { ending($0) })
    // Each reply is ten bytes long.
    try store.removeFinished(before: 0, beyond: 25)
    #expect(try store.job("a") == nil)
    for kept in ["b", "c", "d", "e"] { #expect(try store.job(kept) != nil) }
  }

  @Test func aFileWithoutAColumnIsAFaultAndNoMore() throws {
    let database = StateDatabase(file: fixture.file)
    _ = try SQLiteJobStore(database).submit([row("a", key: "k")])
    database.close()
    try fixture.edit { try $0.execute("ALTER TABLE job RENAME COLUMN identity TO other") }
    let again = SQLiteJobStore(StateDatabase(file: fixture.file))
    #expect(throws: StoreFault.self) { try again.job("a") }
    #expect(throws: StoreFault.self) { try again.job(of: "uid-1", key: "k") }
    #expect(throws: StoreFault.self) { try again.latest(owner: nil, count: 1) }
    #expect(throws: StoreFault.self) { try again.submit([row("b")]) }
  }

  @Test func aKeyIsOneJobForItsOwnerAlone() throws {
    let first = try store.submit([row("a", key: "k")])
    let second = try store.submit([row("b", key: "k"), row("c", owner: "uid-2", key: "k")])
    #expect(first.map(\.id) == ["a"])
    #expect(second.map(\.id) == ["a", "c"])
    #expect(try store.waiting().map(\.count) == [1, 1])
  }

  @Test func aJobEndsOnceAndKeepsItsReplyAndNotItsBody() throws {
    _ = try store.submit([row("a")])
    #expect(try store.finish([ending("a")]) == ["a"])
    #expect(try store.finish([ending("a", "cancelled"), ending("x")]).isEmpty)
    let job = try store.job("a")
    #expect(job?.state == "done")
    #expect(job?.reply == Array("reply to a".utf8))
    #expect(job?.finished == 9)
    #expect(job?.body == [])
    #expect(try store.waiting().isEmpty)
  }

  @Test func listsAreOfAnOwnerOrOfAllTheLatestFirst() throws {
    _ = try store.submit([row("a"), row("b", owner: "uid-2"), row("c")])
    #expect(try store.latest(owner: "uid-1", count: 9).map(\.id) == ["c", "a"])
    #expect(try store.latest(owner: nil, count: 2).map(\.id) == ["c", "b"])
    #expect(try store.latest(owner: nil, count: 9).allSatisfy { $0.body.isEmpty })
  }

  @Test func whatWasFinishedLongAgoIsForgotten() throws {
    _ = try store.submit([row("a"), row("b")])
    _ = try store.finish([ending("a")])
    try store.removeFinished(before: 9, beyond: .max)
    #expect(try store.job("a") != nil)
    try store.removeFinished(before: 10, beyond: .max)
    #expect(try store.job("a") == nil)
    #expect(try store.job("b") != nil)
  }
}
