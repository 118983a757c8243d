import PromptProtocol
import SQLite
import Testing

@testable import SQLiteStore

@Suite struct AnswerTidyingTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  private func database(with answers: [StoredAnswer]) throws -> AnswerDatabase {
    let database = try AnswerDatabase(opening: DatabaseFile(path: fixture.file))
    try database.write(.init(orders: answers.map { .store($0) }), now: fixture.now)
    return database
  }

  @Test func theLeastRecentlyUsedGoUntilThePagesInUseFit() async {
    let limit = 1 << 20
    let store = fixture.open(diskLimit: limit)
    defer { store.close() }
    for group in 0..<8 {
      for number in 0..<50 { store.enqueue(.make(group * 50 + number, size: 8000)) }
      store.flush()
      fixture.advance(seconds: 60)
    }
    let statistics = store.statistics()
    #expect(statistics.bytes <= limit)
    #expect(statistics.bytes > limit / 2)
    #expect(statistics.entries + statistics.evicted == 400)
    for number in 0..<200 { #expect(await store.find(number) == nil) }
    for number in 350..<400 { #expect(await store.find(number) != nil) }
  }

  @Test func aUseKeepsAnEntryFromGoingFirst() async {
    let store = fixture.open(diskLimit: 2 << 20)
    defer { store.close() }
    for number in 0..<100 { store.enqueue(.make(number, size: 8000)) }
    store.flush()
    fixture.advance(seconds: 3600)
    store.noteUse(key: .make(0), variant: .make(0), at: fixture.now)
    fixture.advance(seconds: 3600)
    for number in 100..<250 { store.enqueue(.make(number, size: 8000)) }
    store.flush()
    #expect(store.statistics().evicted > 0)
    #expect(await store.find(0) != nil)
    #expect(await store.find(1) == nil)
  }

  @Test func oneRoundRemovesFiveHundredAtMost() throws {
    let database = try database(with: (0..<1200).map { .make($0) })
    defer { database.close() }
    var rounds: [AnswerTidying] = []
    repeat {
      rounds.append(try database.tidy(limit: 1, grace: nil, now: fixture.now))
    } while rounds.last?.evicted != 0 && rounds.count < 20
    #expect(rounds.first?.evicted == 500)
    #expect(rounds.allSatisfy { $0.evicted <= 500 })
    #expect(rounds.reduce(0) { $0 + $1.evicted } == 1200)
    #expect(
      rounds.last
        == .init(entries: 0, bytes: rounds.last?.bytes ?? 0, evicted: 0, isUnfinished: false))
    #expect(rounds.dropLast().allSatisfy { $0.isUnfinished })
  }

  @Test func expiredEntriesGoFirst() throws {
    let now = fixture.now
    let database = try database(
      with: (0..<20).map { .make($0, expires: $0 % 2 == 0 ? now - 1 : now + 1, size: 8000) })
    defer { database.close() }
    let size = try database.tidy(limit: .max, grace: nil, now: now).bytes
    // 2 % below the limit is about one entry more.
    let result = try database.tidy(limit: size - 60_000, grace: nil, now: now)
    #expect((6...10).contains(result.evicted))
    let left = try fixture.edit {
      try $0.integer("SELECT count(*) FROM answer WHERE expires > ?", [now])
    }
    #expect(left == 10)
  }

  @Test func underTheLimitExpiredEntriesStayAsLongAsTheyMayStandIn() throws {
    let now = fixture.now
    let database = try database(
      with: (0..<10).map { .make($0, expires: now - Int64($0) * 1000) })
    defer { database.close() }
    let all = try database.tidy(limit: 1 << 20, grace: nil, now: now)
    #expect(all.entries == 10 && !all.isUnfinished)
    #expect(try database.tidy(limit: 1 << 20, grace: 5000, now: now).entries == 5)
    #expect(try database.tidy(limit: 1 << 20, grace: 0, now: now).entries == 0)
  }

  @Test func manyFreePagesGoBackToTheDisk() throws {
    let database = try database(with: (0..<100).map { .make($0, size: 8000) })
    defer { database.close() }
    while try database.tidy(limit: 1, grace: nil, now: fixture.now).isUnfinished {}
    let (pages, free) = try fixture.edit {
      (
        try $0.integer(AnswerSQL.pageCount) ?? 0,
        try $0.integer(AnswerSQL.freePageCount) ?? 0
      )
    }
    #expect(free <= pages / 8)
    #expect(pages < 40)
  }

  @Test func findingTheLeastRecentlyUsedSortsNothing() throws {
    let database = try database(with: [])
    defer { database.close() }
    for query in [AnswerSQL.expired, AnswerSQL.leastRecentlyUsed] {
      let plan = try fixture.edit {
        // Its fourth column says what is done.
        try $0.all("EXPLAIN QUERY PLAN " + query, [0, 500]) { row throws(SQLiteError) in
          try row.text(3)
        }
      }
      #expect(!plan.isEmpty)
      #expect(plan.allSatisfy { $0.contains("INDEX") && !$0.contains("TEMP B-TREE") })
    }
  }
}
