import Dispatch
import FoundationEssentials
import PromptProtocol
import SQLite
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct SQLiteAnswerStoreTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  @Test(arguments: [nil, [], Array("[0,0,5,0,0,2]".utf8)] as [[UInt8]?])
  func anAnswerComesBackAsItWasStored(boundaries: [UInt8]?) async {
    let store = fixture.open()
    defer { store.close() }
    let answer = StoredAnswer.make(answer: Array(0...255), boundaries: boundaries)
    store.enqueue(answer)
    store.flush()
    #expect(await store.find(answer) == answer)
  }

  @Test func anotherKeyOrVariantIsAMiss() async {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1, variant: 1))
    store.flush()
    #expect(await store.find(.make(1, variant: 2)) == nil)
    #expect(await store.find(.make(2, variant: 1)) == nil)
    #expect(await store.find(.make(1, variant: 1)) != nil)
  }

  @Test func theLaterAnswerReplacesTheEarlier() async {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1, answer: [1], boundaries: [1]))
    store.enqueue(.make(1, answer: [2]))
    store.flush()
    store.enqueue(.make(1, created: 5, answer: [3]))
    store.flush()
    #expect(await store.find(1) == .make(1, created: 5, answer: [3]))
    #expect(store.statistics().entries == 1)
    #expect(store.statistics().written == 3)
  }

  @Test func aReopenedStoreFindsWhatWasStored() async {
    let first = fixture.open()
    first.enqueue(.make(1))
    first.close()
    let second = fixture.open()
    defer { second.close() }
    #expect(second.statistics().entries == 1)
    #expect(await second.find(1) == .make(1))
    #expect(fixture.conditions.isEmpty)
  }

  @Test func committedAnswersAreInTheFilesThatAKillLeaves() async throws {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1))
    store.flush()
    // A killed process leaves what write(2) was given: the file and its log, as they are now.
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: fixture.file + suffix, toPath: fixture.folder + "/copy.sqlite" + suffix)
    }
    let next = fixture.open(file: fixture.folder + "/copy.sqlite")
    defer { next.close() }
    #expect(await next.find(1) == .make(1))
  }

  @Test func aFileThatIsClosedIsWholeWithoutItsLogWhoeverElseHasItOpen() throws {
    let store = fixture.open()
    store.enqueue(.make(1))
    store.flush()
    let other = try Connection(path: fixture.file, for: .reading)
    #expect(try other.integer("SELECT count(*) FROM answer") == 1)
    store.close()
    let log = try Data(contentsOf: URL(filePath: fixture.file + "-wal"))
    #expect(log.isEmpty)
  }

  @Test func inReplayNothingExpiresOrIsEvicted() async {
    let store = fixture.open(diskLimit: 1, isReplay: true)
    defer { store.close() }
    let answer = StoredAnswer.make(1, expires: 1000)
    store.enqueue(answer)
    store.flush()
    #expect(await store.find(answer) == answer)
    #expect(store.statistics().evicted == 0)
  }

  @Test(arguments: [true, false])
  func requestsAreOnDiskOnlyIfTheyAreKept(keepRequests: Bool) async throws {
    let store = fixture.open(keepRequests: keepRequests)
    defer { store.close() }
    store.enqueue(.make(1, request: [7, 7]))
    store.flush()
    let request = try fixture.edit { db in
      try db.first("SELECT request FROM answer") { row throws(SQLiteError) in try row.bytes(0) }
    }
    #expect(request == (keepRequests ? [7, 7] : nil))
    #expect(await store.find(1)?.request == nil)
  }

  @Test func aThousandAnswersFromManyThreadsAreStoredByClose() async {
    let store = fixture.open()
    DispatchQueue.concurrentPerform(iterations: 1000) { store.enqueue(.make($0, size: 100)) }
    store.close()
    let statistics = store.statistics()
    #expect(statistics.written == 1000)
    #expect(statistics.waitingBytes == 0)
    #expect(statistics.transactions >= 1000 / AnswerMailbox.batchLimit)
    let next = fixture.open()
    defer { next.close() }
    #expect(next.statistics().entries == 1000)
    for number in 0..<1000 {
      #expect(await next.find(number) == .make(number, size: 100))
    }
  }

  @Test func everyReadEndsOnceWhileTheStoreCloses() async {
    let store = fixture.open()
    store.enqueue(.make(1))
    store.flush()
    let ends = Mutex(0)
    let all = DispatchGroup()
    let queue = DispatchQueue(label: "readers", attributes: .concurrent)
    for number in 0..<400 {
      all.enter()
      queue.async {
        if number == 200 { store.close() }
        store.read(key: .make(1), variant: .make(0)) { _ in
          ends.withLock { $0 += 1 }
          all.leave()
        }
      }
    }
    await withCheckedContinuation { done in all.notify(queue: queue) { done.resume() } }
    #expect(ends.withLock(\.self) == 400)
    #expect(fixture.conditions.isEmpty)
  }

  @Test func aClosedStoreTakesNothingAndFindsNothing() async {
    let store = fixture.open()
    store.enqueue(.make(1))
    store.close()
    store.enqueue(.make(2))
    store.noteUse(key: .make(1), variant: .make(0), at: fixture.now)
    store.flush()
    store.close()
    #expect(await store.find(1) == nil)
    #expect(store.statistics().written == 1)
    #expect(store.statistics().waitingBytes == 0)
    #expect(fixture.conditions.isEmpty)
  }

  @Test func theFilesAreTheOwnersAlone() async throws {
    let store = fixture.open()
    defer { store.close() }
    store.enqueue(.make(1))
    store.flush()
    for name in ["cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm"] {
      #expect(fixture.mode(of: name) == 0o600)
    }
  }

  // MARK: What is not there

  @Test(.timeLimit(.minutes(1))) func anEmptyFileIsSoonKnownToHoldNothing() async {
    let store = fixture.open()
    defer { store.close() }
    await store.isKnown()
    #expect(!store.mayHold(key: .make(1), variant: .make(0)))
    store.enqueue(.make(1))
    #expect(store.mayHold(key: .make(1), variant: .make(0)))
    store.flush()
    #expect(store.mayHold(key: .make(1), variant: .make(0)))
    #expect(!store.mayHold(key: .make(2), variant: .make(0)))
  }

  @Test(.timeLimit(.minutes(1))) func afterAStartItIsSoonKnownWhatIsNotThere() async {
    let first = fixture.open()
    for number in 0..<5000 { first.enqueue(.make(number)) }
    first.close()
    let store = fixture.open()
    defer { store.close() }
    await store.isKnown()
    for number in 0..<5000 {
      #expect(store.mayHold(key: .make(number), variant: .make(0)), "\(number)")
    }
    #expect(await store.find(4999) != nil)
  }

  @Test func whatSomebodyElseWritesIsFound() async throws {
    let store = fixture.open()
    defer { store.close() }
    let other = fixture.open()
    other.enqueue(.make(2))
    other.close()
    store.enqueue(.make(1))
    store.flush()
    #expect(store.mayHold(key: .make(3), variant: .make(0)))
    #expect(await store.find(2) != nil)
  }

  @Test(.timeLimit(.minutes(1))) func entriesThatAreTakenInAreKnown() async throws {
    let store = fixture.open()
    defer { store.close() }
    await store.isKnown()
    try await withCheckedContinuation { continuation in
      store.add([.make(1)]) { continuation.resume(returning: $0) }
    }.get()
    #expect(store.mayHold(key: .make(1), variant: .make(0)))
    #expect(!store.mayHold(key: .make(2), variant: .make(0)))
  }
}

extension SQLiteAnswerStore {
  /// Returns once it is known which entries there are.
  fileprivate func isKnown() async {
    while mayHold(key: .make(-1), variant: .make(7)) { await Task.yield() }
  }
}
