import Dispatch
import FoundationEssentials
import Glibc
import PromptProtocol
import SQLite
import Testing

@testable import SQLiteStore

/// What a store does when the disk misbehaves.
@Suite struct SQLiteAnswerStoreFaultTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  @Test func aPathUnderAFileIsToldOnceWhenItBeginsAndOnceWhenItEnds() async throws {
    let folder = fixture.folder + "/sub"
    try Data().write(to: URL(filePath: folder))
    let store = fixture.open(file: folder + "/cache.sqlite")
    defer { store.close() }
    for number in 0..<5 {
      store.enqueue(.make(number))
      store.flush()
      #expect(await store.find(number) == nil)
      fixture.advance(seconds: 1)
    }
    let reason = try #require(store.statistics().trouble)
    #expect(fixture.conditions == [.degraded(reason: reason)])
    #expect(store.statistics().lost == 5)
    #expect(store.statistics().waitingBytes == 0)

    try FileManager.default.removeItem(atPath: folder)
    fixture.advance(seconds: 2)
    await fixture.expectUsable(store)
    #expect(fixture.conditions == [.degraded(reason: reason), .recovered])
  }

  @Test(.enabled(if: SmallDisk.isPossible, "mounting a tmpfs needs root"))
  func aFullDiskIsToldOnceAndWritesGoOnWhenThereIsRoom() async throws {
    let disk = try SmallDisk(at: fixture.folder + "/disk", kibibytes: 512)
    defer { disk.unmount() }
    let store = fixture.open(file: disk.path + "/cache.sqlite")
    defer { store.close() }
    await fixture.expectUsable(store)
    for number in 0..<5 {
      store.enqueue(.make(number, size: 300_000))
      store.flush()
      fixture.advance(seconds: 3)
    }
    let reason = try #require(store.statistics().trouble)
    #expect(fixture.conditions == [.degraded(reason: reason)])
    #expect(await store.find(99) == .make(99), "what is on a full disk can be read")

    try disk.resize(kibibytes: 16_384)
    store.enqueue(.make(7, size: 300_000))
    store.flush()
    #expect(await store.find(.make(7)) == .make(7, size: 300_000))
    #expect(fixture.conditions == [.degraded(reason: reason), .recovered])
  }

  @Test(.enabled(if: SmallDisk.isPossible, "mounting a tmpfs needs root"))
  func aReadOnlyDiskIsToldOnceAndReadsMiss() async throws {
    let disk = try SmallDisk(at: fixture.folder + "/disk", kibibytes: 512)
    defer { disk.unmount() }
    try disk.resize(kibibytes: 512, isReadOnly: true)
    let store = fixture.open(file: disk.path + "/cache.sqlite")
    defer { store.close() }
    store.enqueue(.make(1))
    store.flush()
    #expect(await store.find(1) == nil)
    #expect(fixture.conditions.count == 1)

    try disk.resize(kibibytes: 512)
    fixture.advance(seconds: 3)
    await fixture.expectUsable(store)
    #expect(fixture.conditions.last == .recovered)
  }

  @Test func aFileOfANewerSchemaStaysAsItIs() async throws {
    fixture.storeOneAndClose()
    try fixture.edit { try $0.execute("PRAGMA user_version = 9") }
    let before = try Data(contentsOf: URL(filePath: fixture.file))
    let store = fixture.open()
    store.enqueue(.make(2))
    store.flush()
    #expect(await store.find(1) == nil)
    fixture.advance(seconds: 10)
    store.enqueue(.make(3))
    store.close()
    let reason =
      "\(fixture.file) has schema version 9 and this promptd knows 2: start the newer promptd "
      + "that wrote it, or move the file away to begin an empty one."
    #expect(fixture.conditions == [.degraded(reason: reason)])
    #expect(try Data(contentsOf: URL(filePath: fixture.file)) == before)
  }

  @Test func aRemovedFileIsBegunAnewAlsoWhereEachWriteComesAfterAReadThatFails() async throws {
    let store = fixture.open()
    defer { store.close() }
    // No connection for reading is open yet, and the removed file cannot be opened.
    for name in try fixture.names {
      try FileManager.default.removeItem(atPath: "\(fixture.folder)/\(name)")
    }
    for number in 1...3 {
      #expect(await store.find(number) == nil)
      store.enqueue(.make(number))
      store.flush()
      #expect(await store.find(number) == .make(number))
    }
    #expect(store.statistics().trouble == nil)
  }

  // MARK: What was replaced

  /// Locks the file against writing, or against everything, while `body` runs.
  private func locked(
    exclusively: Bool = false, _ body: () async throws -> Void
  ) async throws {
    let connection = try SharedConnection(path: fixture.file, for: .writing)
    try connection.use { db in
      // In another mode the lock would not keep others from opening the file.
      if exclusively { try db.run("PRAGMA journal_mode = DELETE") }
      try db.run(exclusively ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE")
    }
    try await body()
    connection.close()
  }

  @Test func anAnswerThatWasReplacedIsNotServedAgainWhereItsSuccessorIsLost() async throws {
    let store = fixture.open()
    for number in 1...2 { store.enqueue(.make(number)) }
    store.flush()
    try await locked {
      store.enqueue(.make(1, size: 10, replaces: true))
      #expect(await store.find(1)?.answer.count == 17, "while it waits")
      store.flush()
      #expect(await store.find(1) == nil)
      #expect(await store.find(2) == .make(2))
    }
    fixture.advance(seconds: 3)
    store.close()
    let again = fixture.open()
    defer { again.close() }
    #expect(await again.find(1) == nil)
    #expect(await again.find(2) == .make(2))
  }

  @Test func anAnswerTooLargeForTheDiskPushesNothingOut() async throws {
    let store = fixture.open(diskLimit: 1 << 20)
    defer { store.close() }
    for number in 1...20 { store.enqueue(.make(number)) }
    store.flush()
    store.enqueue(.make(1, size: 2 << 20))
    store.flush()
    #expect(await store.find(1) == nil, "the older answer is gone too")
    #expect(store.statistics().entries == 19)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "mounting a tmpfs needs root"))
  func aFullDiskCanBeEmptied() async throws {
    let disk = try SmallDisk(at: fixture.folder + "/disk", kibibytes: 512)
    defer { disk.unmount() }
    let store = fixture.open(file: disk.path + "/cache.sqlite")
    defer { store.close() }
    for number in 0..<50 {
      store.enqueue(.make(number, size: 20_000))
      store.flush()
      fixture.advance(seconds: 3)
    }
    #expect(store.statistics().trouble != nil)
    let removed = await withCheckedContinuation { continuation in
      store.remove(AnswerFilter()) { continuation.resume(returning: $0) }
    }
    #expect(try removed.get() > 0)
    await fixture.expectUsable(store)
    #expect(store.statistics().entries == 1)
  }

  /// Its text may have come as far as the write-ahead log.
  @Test(.enabled(if: SmallDisk.isPossible, "mounting a tmpfs needs root"))
  func whatCouldNotBeStoredCanBePurgedToo() async throws {
    let disk = try SmallDisk(at: fixture.folder + "/disk", kibibytes: 512)
    defer { disk.unmount() }
    let store = fixture.open(file: disk.path + "/cache.sqlite")
    defer { store.close() }
    await fixture.expectUsable(store)
    store.enqueue(.make(1, size: 900_000))
    store.flush()
    #expect(store.statistics().trouble != nil)
    func logBytes() -> off_t {
      var status = stat()
      return stat(disk.path + "/cache.sqlite-wal", &status) == 0 ? status.st_size : 0
    }
    #expect(logBytes() > 200_000)
    try disk.resize(kibibytes: 16_384)
    fixture.advance(seconds: 3)
    var filter = AnswerFilter()
    filter.model = "none"
    let removed = await withCheckedContinuation { [filter] continuation in
      store.remove(filter) { continuation.resume(returning: $0) }
    }
    #expect(try removed.get() == 0)
    #expect(logBytes() == 0)
  }

  @Test func anotherFileInItsPlaceIsReadAsItIs() async throws {
    let other = fixture.folder + "/other.sqlite"
    let first = fixture.open(file: other)
    for number in 1...300 { first.enqueue(.make(number, size: 1000)) }
    first.close()
    let store = fixture.open()
    defer { store.close() }
    for number in 1001...1200 { store.enqueue(.make(number)) }
    store.flush()
    #expect(rename(other, fixture.file) == 0)
    await fixture.expectUsable(store)
    #expect(await store.find(7) == .make(7, size: 1000))
    #expect(await store.find(1007) == nil)
    let sound = try fixture.edit { db in
      try db.first("PRAGMA integrity_check") { row throws(SQLiteError) in try row.text(0) }
    }
    #expect(sound == "ok")
  }

  @Test func aFileThatWasLockedAtTheStartIsOpenedOnceSomebodyLooks() async throws {
    fixture.storeOneAndClose()
    var store: SQLiteAnswerStore?
    try await locked(exclusively: true) { store = fixture.open() }
    let opened = try #require(store)
    defer { opened.close() }
    #expect(await opened.find(1) == nil)
    #expect(opened.statistics().trouble?.contains("locked by another program") == true)
    fixture.advance(seconds: 3)
    _ = await opened.find(1)
    opened.flush()
    #expect(await opened.find(1) == .make(1))
  }

  @Test func afterTheEndTheFileAloneIsWhole() throws {
    let store = fixture.open()
    for number in 1...20 { store.enqueue(.make(number)) }
    store.flush()
    // A connection for reading, which closes after the one that writes, leaves the log as it is.
    let done = DispatchSemaphore(value: 0)
    store.read(key: .make(1), variant: .make(0)) { _ in done.signal() }
    done.wait()
    store.close()
    try FileManager.default.copyItem(atPath: fixture.file, toPath: fixture.folder + "/copy")
    let copy = try Connection(path: fixture.folder + "/copy", for: .writing)
    #expect(try copy.integer("SELECT count(*) FROM answer") == 20)
  }

  @Test func aFolderInItsPlaceStaysAsItIs() throws {
    try FileManager.default.createDirectory(
      atPath: fixture.file, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o755])
    fixture.open().close()
    #expect(fixture.mode(of: "cache.sqlite") == 0o755)
    #expect(fixture.conditions.count == 1)
  }

  @Test func aRemovedFileIsBegunAnewAtTheNextWrite() async throws {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1))
    store.flush()
    // Until it is known what is on disk, which is read in the file that goes.
    while store.mayHold(key: .make(2), variant: .make(0)) { await Task.yield() }
    try FileManager.default.removeItem(atPath: fixture.file)
    await fixture.expectUsable(store)
    #expect(await store.find(1) == nil)
    #expect(FileManager.default.fileExists(atPath: fixture.file))
    #expect(fixture.conditions.isEmpty)
  }
}
