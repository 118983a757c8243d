import Dispatch
import FoundationEssentials
import PromptProtocol
import SQLite
import Testing

@testable import SQLiteStore

/// What a store does with a file that is damaged, or seems so.
@Suite struct SQLiteAnswerStoreDamageTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  @Test func aFileThatIsNoDatabaseIsMovedAside() async throws {
    try Data(repeating: 0x55, count: 9000).write(to: URL(filePath: fixture.file))
    let store = fixture.open()
    defer { store.close() }
    let aside = fixture.file + ".corrupt-20231114T221320Z"
    await fixture.expectUsable(store)
    #expect(fixture.conditions == [.movedAside(to: aside)])
    #expect(try Data(contentsOf: URL(filePath: aside)) == Data(repeating: 0x55, count: 9000))
  }

  @Test func onlyTheLastDamagedFileIsKept() async throws {
    for _ in 0..<3 {
      try Data(repeating: 0x55, count: 9000).write(to: URL(filePath: fixture.file))
      fixture.open().close()
      fixture.advance(seconds: 60)
    }
    let aside = try fixture.names.filter { $0.contains("corrupt") }
    #expect(aside == ["cache.sqlite.corrupt-20231114T221520Z"])
    #expect(fixture.conditions.count == 3)
  }

  @Test(arguments: [50, 5000, 40_000])
  func aTruncatedFileCostsItsEntriesAndNothingElse(length: Int) async throws {
    fixture.storeOneAndClose(.make(1, size: 100_000))
    try fixture.damage { $0.removeLast($0.count - length) }
    let store = fixture.open()
    defer { store.close() }
    #expect(await store.find(1) == nil)
    store.flush()
    await fixture.expectUsable(store)
    #expect(try fixture.names.contains { $0.hasPrefix("cache.sqlite.corrupt-") })
  }

  @Test func aFileThatIsDamagedBehindItsFirstPageIsReplacedAtTheStart() async throws {
    fixture.storeOneAndClose()
    try fixture.damage { bytes in
      for index in 4096..<bytes.count { bytes[index] = 0xEE }
    }
    let store = fixture.open()
    defer { store.close() }
    store.flush()
    await fixture.expectUsable(store)
    #expect(store.statistics().entries == 1)
    #expect(fixture.conditions == [.movedAside(to: fixture.file + ".corrupt-20231114T221320Z")])
  }

  @Test func aWriteThatMeetsADamagedPageIsDoneAgain() async throws {
    fixture.storeOneAndClose()
    try damageIndex()
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(2))
    store.flush()
    #expect(await store.find(2) == .make(2))
    #expect(store.statistics().lost == 0)
  }

  /// A page of all entries, from a place on.
  private func list(
    _ store: SQLiteAnswerStore, from place: AnswerPage.Place = .beginning
  ) async -> Result<AnswerPage, StoreFault> {
    await withCheckedContinuation { continuation in
      store.readPage(AnswerFilter(), from: place, whole: false) {
        continuation.resume(returning: $0)
      }
    }
  }

  private func remove(
    _ filter: AnswerFilter, _ store: SQLiteAnswerStore
  ) async -> Result<Int, StoreFault> {
    await withCheckedContinuation { continuation in
      store.remove(filter) { continuation.resume(returning: $0) }
    }
  }

  @Test func aListingOfAFileThatTurnsOutToBeDamagedFails() async throws {
    fixture.storeOneAndClose()
    try damagePage(of: "answer")
    let store = fixture.open()
    defer { store.close() }
    #expect(await list(store) == .failure(.replaced(file: fixture.file)))
    store.flush()
    #expect(fixture.conditions == [.movedAside(to: fixture.file + ".corrupt-20231114T221320Z")])
    await fixture.expectUsable(store)
  }

  @Test func aListingThatBeganInAnotherFileFails() async throws {
    let store = fixture.open()
    defer { store.close() }
    for number in 0..<501 { store.enqueue(.make(number)) }
    let next = try #require(try await list(store).get().next)
    #expect(try await list(store, from: next).get().entries.count == 1)
    // The second time soon after is taken for damage.
    for _ in 0..<2 { try seemDamaged(store) }
    #expect(fixture.conditions == [.movedAside(to: fixture.file + ".corrupt-20231114T221320Z")])
    #expect(await list(store, from: next) == .failure(.replaced(file: fixture.file)))
    #expect(store.statistics().trouble == nil)
  }

  @Test func aListingIsMadeAgainWhereTheFileIsWholeAfterAll() async throws {
    fixture.storeOneAndClose()
    let store = fixture.open()
    defer { store.close() }
    store.flush()
    let gate = DispatchSemaphore(value: 0)
    await withCheckedContinuation { continuation in
      store.onWriter {
        continuation.resume()
        gate.wait()
      }
    }
    let whole = try Data(contentsOf: URL(filePath: fixture.file))
    try damagePage(of: "answer")
    let (pages, told) = AsyncStream<Result<AnswerPage, StoreFault>>.makeStream()
    // Not the beginning, which waits for the writer.
    store.readPage(AnswerFilter(), from: AnswerPage.Place(id: 0, last: 100), whole: false) {
      told.yield($0)
      told.finish()
    }
    let database = try #require(store.databaseForReading())
    await withCheckedContinuation { continuation in
      // Behind that page.
      database.inReader({ _ in }, completion: { _ in continuation.resume() })
    }
    try fixture.damage { $0 = [UInt8](whole) }
    gate.signal()
    for await page in pages { #expect(try page.get().entries.count == 1) }
    #expect(fixture.conditions.isEmpty)
  }

  @Test func aRemovalOfSomeFromAFileThatTurnsOutToBeDamagedFails() async throws {
    fixture.storeOneAndClose()
    try damagePage(of: "answer")
    let store = fixture.open()
    defer { store.close() }
    var filter = AnswerFilter()
    filter.client = "nobody"
    #expect(await remove(filter, store) == .failure(.replaced(file: fixture.file)))
    store.flush()
    #expect(fixture.conditions == [.movedAside(to: fixture.file + ".corrupt-20231114T221320Z")])
    await fixture.expectUsable(store)
  }

  @Test func aRemovalOfAllTakesDamagedFilesWithIt() async throws {
    fixture.storeOneAndClose()
    try damagePage(of: "answer")
    let store = fixture.open()
    defer { store.close() }
    #expect(await remove(AnswerFilter(), store) == .success(1))
    #expect(try fixture.names.allSatisfy { !$0.contains("corrupt") })
    await fixture.expectUsable(store)
  }

  @Test func aRemovalOfAllTakesWhatWasMovedAsideBefore() async throws {
    try Data(repeating: 0x55, count: 9000).write(to: URL(filePath: fixture.file))
    let store = fixture.open()
    defer { store.close() }
    #expect(try fixture.names.contains { $0.contains("corrupt") })
    #expect(await remove(AnswerFilter(), store) == .success(0))
    #expect(try fixture.names.allSatisfy { !$0.contains("corrupt") })
  }

  /// Makes the page useless by which entries are found.
  private func damageIndex() throws { try damagePage(of: "sqlite_autoindex_answer_1") }

  /// Makes the first page of a table or an index useless.
  private func damagePage(of name: String) throws {
    let root = try #require(
      try fixture.edit {
        try $0.integer("SELECT rootpage FROM sqlite_schema WHERE name = ?", [name]).map { Int($0) }
      })
    try fixture.damage { bytes in
      for index in (root - 1) * 4096..<root * 4096 { bytes[index] = 0xEE }
    }
  }

  @Test func aReadThatMeetsADamagedPageHasTheFileReplaced() async throws {
    fixture.storeOneAndClose()
    try damageIndex()
    let store = fixture.open()
    defer { store.close() }
    store.flush()
    // Theirs who asks, or the one that goes through all entries.
    #expect(await store.find(1) == nil)
    store.flush()
    #expect(fixture.conditions == [.movedAside(to: fixture.file + ".corrupt-20231114T221320Z")])
    await fixture.expectUsable(store)
    #expect(fixture.conditions.count == 1)
  }

  /// As where the disk gives nothing for once, which SQLite takes for damage.
  private func seemDamaged(_ store: SQLiteAnswerStore) throws {
    let database = try #require(store.databaseForReading())
    database.inReader({ _ in }, completion: { _ in })
    store.noteFailure(of: database, .corrupt(file: fixture.file))
    store.flush()
  }

  @Test func aFileThatIsWholeStaysWhenOneReadOfItFails() async throws {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1))
    store.flush()
    try seemDamaged(store)
    #expect(fixture.conditions.isEmpty)
    #expect(await store.find(1) == .make(1))
    await fixture.expectUsable(store)
    // Soon again, there must be something in it.
    try seemDamaged(store)
    #expect(fixture.conditions == [.movedAside(to: fixture.file + ".corrupt-20231114T221320Z")])
    await fixture.expectUsable(store)
  }

  @Test func aFlippedBitMakesAMissAndTheRowGoes() async throws {
    let answer = StoredAnswer.make(1, answer: Array("the answer as it was".utf8))
    fixture.storeOneAndClose(answer)
    try fixture.damage { bytes in
      let place = try #require(bytes.firstRange(of: answer.answer))
      bytes[place.lowerBound + 3] ^= 1
    }
    let store = fixture.open()
    defer { store.close() }
    #expect(await store.find(1) == nil)
    store.flush()
    #expect(store.statistics().damaged == 1)
    #expect(store.statistics().entries == 0)
    #expect(fixture.conditions.isEmpty)
    await fixture.expectUsable(store)
  }

  @Test(arguments: ["answer", "boundaries", "variant"])
  func anEntryThatSomebodyChangedIsNotServed(column: String) async throws {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1, boundaries: [1, 2]))
    store.flush()
    let variant = column == "variant" ? Digest.make(5) : .make(0)
    let value = column == "variant" ? variant.bytes : [9, 9]
    try fixture.edit {
      try $0.run("UPDATE answer SET \(column) = ?", [value])
    }
    #expect(await store.find(key: .make(1), variant: variant) == nil)
    #expect(store.statistics().damaged == 1)
  }
}

extension StoreFixture {
  /// Leaves a closed file with one entry.
  func storeOneAndClose(_ answer: StoredAnswer = .make(1)) {
    let store = open()
    store.enqueue(answer)
    store.close()
  }

  /// Expects that what is stored now is found.
  func expectUsable(_ store: SQLiteAnswerStore) async {
    store.enqueue(.make(99))
    store.flush()
    #expect(await store.find(99) == .make(99))
    #expect(store.statistics().trouble == nil)
  }
}
