import FoundationEssentials
import Glibc
import PromptProtocol
import SQLite
import Testing

@testable import SQLiteStore

/// What administrators do to many entries at a time.
@Suite struct AnswerEntriesTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  private func pages(
    _ store: SQLiteAnswerStore, _ filter: AnswerFilter = AnswerFilter(), whole: Bool = false
  ) async throws -> [AnswerPage] {
    var pages: [AnswerPage] = []
    var place: AnswerPage.Place? = .beginning
    while let next = place {
      let result = await withCheckedContinuation { continuation in
        store.readPage(filter, from: next, whole: whole) { continuation.resume(returning: $0) }
      }
      pages.append(try result.get())
      place = pages.last?.next
    }
    return pages
  }

  private func remove(_ store: SQLiteAnswerStore, _ filter: AnswerFilter) async throws -> Int {
    try await withCheckedContinuation { continuation in
      store.remove(filter) { continuation.resume(returning: $0) }
    }.get()
  }

  private func add(_ store: SQLiteAnswerStore, _ answers: [StoredAnswer]) async throws {
    try await withCheckedContinuation { continuation in
      store.add(answers) { continuation.resume(returning: $0) }
    }.get()
  }

  @Test func pagesHoldEverythingOnceAndWhatWasJustQueued() async throws {
    let store = fixture.open()
    defer { store.close() }
    for number in 0..<1200 { store.enqueue(.make(number, request: [7])) }
    let pages = try await pages(store)
    #expect(pages.count == 3)
    let entries = pages.flatMap(\.entries)
    #expect(Set(entries.map(\.answer.key)).count == 1200)
    #expect(entries.allSatisfy { $0.answer.answer.isEmpty && $0.bytes > 500 })
  }

  /// None is missing later, when connections have taken those that were left.
  @Test func allDescriptorsAreOpenedWithTheFile() async throws {
    let store = fixture.open()
    defer { store.close() }
    let opened = try fixture.descriptors()
    for number in 1...20 { store.enqueue(.make(number)) }
    store.flush()
    for number in 1...20 { #expect(await store.find(number) != nil) }
    #expect(try await pages(store).flatMap(\.entries).count == 20)
    #expect(try fixture.descriptors() == opened)
  }

  @Test func wholePagesAreBoundedByBytesAndHoldTheRequest() async throws {
    let store = fixture.open()
    defer { store.close() }
    let answers = (0..<5).map {
      StoredAnswer.make($0, size: 600_000, boundaries: [1], request: [7, 8])
    }
    for answer in answers { store.enqueue(answer) }
    let pages = try await pages(store, whole: true)
    #expect(pages.map(\.entries.count) == [2, 2, 1])
    #expect(pages.flatMap(\.entries).map(\.answer) == answers)
  }

  @Test func aFilterMeansWhatFitsAllOfIt() async throws {
    let store = fixture.open()
    defer { store.close() }
    for number in 0..<20 { store.enqueue(.make(number, created: Int64(number))) }
    func numbers(_ change: (inout AnswerFilter) -> Void) async throws -> [Int64] {
      var filter = AnswerFilter()
      change(&filter)
      let answers = try await pages(store, filter).flatMap(\.entries).map(\.answer)
      // The same filter means the same answers in memory.
      let all = try await pages(store).flatMap(\.entries).map(\.answer)
      let matching = all.filter {
        filter.matches(
          key: $0.key, variant: $0.variant, model: $0.model, client: $0.client,
          created: $0.created)
      }
      #expect(answers == matching)
      return answers.map(\.created)
    }
    #expect(try await numbers { $0.model = "model-7" } == [7])
    #expect(try await numbers { $0.madeBefore = 3 } == [0, 1, 2])
    #expect(try await numbers { $0.client = "nobody" } == [])
    #expect(try await numbers { $0.variant = .make(0) }.count == 20)
    let prefix = String(Digest.make(9).hex.prefix(63))
    let key = try #require(DigestRange(hexPrefix: prefix))
    #expect(try await numbers { $0.key = key }.contains(9))
    #expect(
      try await numbers {
        $0.key = key
        $0.madeBefore = 9
      }.allSatisfy { $0 < 9 })
  }

  @Test func whatIsRemovedIsGoneFromTheFileToo() async throws {
    let store = fixture.open()
    defer { store.close() }
    for number in 0..<1500 {
      store.enqueue(.make(number, answer: Array("secret-\(number % 3)".utf8)))
    }
    for number in 0..<3 { store.enqueue(.make(2000 + number, answer: Array("other".utf8))) }
    var filter = AnswerFilter()
    filter.madeBefore = .max
    #expect(try await remove(store, filter) == 1503)
    #expect(store.statistics().entries == 0)
    #expect(try await pages(store).flatMap(\.entries).isEmpty)
    for suffix in ["", "-wal"] {
      let bytes = try Data(contentsOf: URL(filePath: fixture.file + suffix))
      #expect(bytes.firstRange(of: Data("secret-".utf8)) == nil)
    }
  }

  @Test func whatIsAddedReplacesWhatHasTheSameKeys() async throws {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1, created: 5))
    var other = StoredAnswer.make(1, created: 3, answer: Array("{}".utf8))
    other.took = 1234
    other.cost = 0.25
    try await add(store, [other, .make(2)])
    #expect(await store.find(1) == other)
    #expect(store.statistics().entries == 2)
  }

  @Test func aWholePageFindsWhatIsDamagedAndItGoes() async throws {
    let store = fixture.open()
    defer { store.close() }
    for number in 0..<3 { store.enqueue(.make(number)) }
    store.flush()
    try fixture.edit {
      try $0.run("UPDATE answer SET answer = x'00' WHERE key = ?", [Digest.make(1)])
    }
    let page = try #require(try await pages(store, whole: true).first)
    #expect(page.damaged == 1 && page.entries.count == 2)
    store.flush()
    #expect(store.statistics().entries == 2)
  }

  @Test func aClosedStoreSaysSo() async throws {
    let store = fixture.open()
    store.close()
    await #expect(throws: StoreFault.self) { _ = try await pages(store) }
    await #expect(throws: StoreFault.self) { _ = try await remove(store, AnswerFilter()) }
    await #expect(throws: StoreFault.self) { try await add(store, [.make(1)]) }
  }

  /// Files of the first version are taken over with everything in them.
  @Test func aFileOfTheFirstVersionKeepsItsEntries() async throws {
    try fixture.edit { db in
      try db.execute(AnswerSQL.migrations[0])
      try db.execute("PRAGMA user_version = 1")
      let answer = StoredAnswer.make(1)
      let checksum = AnswerChecksum.of(
        AnswerKey(key: answer.key, variant: answer.variant), answer: answer.answer,
        boundaries: nil)
      try db.run(
        """
        INSERT INTO answer (key, variant, origin, model, client, created, expires, used,
          prompt_tokens, completion_tokens, checksum, answer)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0, 7, 11, ?, ?)
        """,
        [
          answer.key, answer.variant, answer.origin, answer.model, answer.client, answer.created,
          answer.expires, checksum, answer.answer,
        ])
    }
    let store = fixture.open()
    defer { store.close() }
    #expect(await store.find(1) == .make(1))
    #expect(store.statistics().entries == 1)
  }
}
