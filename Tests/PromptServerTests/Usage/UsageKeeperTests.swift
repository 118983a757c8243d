import Glibc
import PromptProtocol
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@testable import PromptCore
@testable import PromptServer

@Suite struct UsageKeeperTests {
  private let folder: TemporaryFolder
  private let day = Day(name: "2026-11-25", starts: 0, ends: 1)

  init() throws { folder = try TemporaryFolder() }

  private final class News: Sendable {
    let heard = Mutex<[String?]>([])
  }

  private func keeper(
    _ news: News = News(), books: [AnswerBook] = []
  ) -> UsageKeeper {
    UsageKeeper(
      SQLiteUsageStore(StateDatabase(file: folder["state.sqlite"])), books: books,
      health: StoreHealth { fault in news.heard.withLock { $0.append(fault) } })
  }

  private func record(_ client: String, _ error: ErrorName? = nil) -> CallRecord {
    CallRecord(
      request: RequestID(milliseconds: 0, random: (0, 1)), client: client, asker: Asker(),
      day: day.name, model: "m", key: Digest(words: (1, 2, 3, 4)), priority: .normal, upstream: "a",
      label: nil,
      cache: .miss, attempt: 1, queued: 0, firstByte: nil, upstreamTime: 0,
      tokens: TokenCount(prompt: 3, completion: 4), cost: 0.25, notStored: nil, status: nil,
      error: error, message: nil)
  }

  @Test func whatWasCountedIsWrittenAtTheEnd() {
    let first = keeper()
    #expect(first.spent(on: day) == [:])
    for client in ["alice", "bob", "alice"] { first.note(record(client)) }
    first.close()
    let again = keeper()
    #expect(
      again.spent(on: day) == [
        "alice": Spending(tokens: 14, cost: 0.5), "bob": Spending(tokens: 7, cost: 0.25),
      ])
    again.close()
  }

  @Test func whatTheCacheSavesAddsUpOverRestarts() {
    for start in 1...3 {
      let books = [AnswerBook(), AnswerBook()]
      let keeper = keeper(books: books)
      books[0].note(.saving, .make("alice", .hit))
      books[1].note(.saving, .make("alice", .joined))
      books[1].note(.saving, .make("alice", .miss))
      keeper.flush()
      books[0].note(.saving, .make("bob", .stale))
      let saved = keeper.saved()
      #expect(saved["alice"]?.hits == start && saved["alice"]?.joined == start)
      #expect(saved["alice"]?.saved.tokensOut == 10 * start)
      #expect(saved["alice"]?.saved.milliseconds == 40 * start)
      #expect(saved["alice"]?.saved.cost == Double(start))
      #expect(saved["bob"]?.hits == start && saved["bob"]?.saved.milliseconds == 0)
      #expect(keeper.answers().counts.values.reduce(0, +) == 4)
      keeper.close()
    }
  }

  @Test func whatTheDiskDoesNotTakeIsKeptAndSaidOnce() throws {
    let news = News()
    // A folder stands where the file belongs.
    let path = folder["state.sqlite"]
    try folder.makeFolder("state.sqlite")
    let keeper = keeper(news)
    #expect(keeper.spent(on: day) == [:])
    keeper.note(record("alice"))
    keeper.flush()
    #expect(news.heard.withLock(\.count) == 1)
    try folder.remove("state.sqlite")
    keeper.close()
    #expect(news.heard.withLock { $0.last == .some(nil) })
    let again = UsageKeeper(
      SQLiteUsageStore(StateDatabase(file: path)), books: [], health: StoreHealth { _ in })
    #expect(again.spent(on: day)["alice"] == Spending(tokens: 7, cost: 0.25))
    again.close()
  }

  @Test func theLastWriteIsTriedAgain() throws {
    let folder = folder
    try folder.makeFolder("state.sqlite")
    let keeper = UsageKeeper(
      SQLiteUsageStore(StateDatabase(file: folder["state.sqlite"])), books: [],
      health: StoreHealth { fault in
        // What stood in the way is gone once the first write has failed.
        if fault != nil { #expect(rmdir(folder["state.sqlite"]) == 0) }
      })
    keeper.note(record("alice"))
    keeper.close()
    #expect(self.keeper().spent(on: day)["alice"] == Spending(tokens: 7, cost: 0.25))
  }
}

extension CachedAnswer {
  /// One that saves something.
  fileprivate static let saving = CachedAnswer(
    keys: CacheKeys(key: Digest(words: (1, 0, 0, 0)), variant: Digest(words: (2, 0, 0, 0))),
    completion: Array("{}".utf8), boundaries: nil, model: "m", origin: "o", client: "c",
    created: 0, expires: 1, tokens: TokenCount(prompt: 3, completion: 5), took: 40, cost: 0.5,
    request: nil)
}

extension ReplyInfo {
  /// What a reply to a client says.
  fileprivate static func make(_ client: String, _ outcome: CacheOutcome) -> ReplyInfo {
    var info = ReplyInfo()
    info.client = client
    info.cache = outcome
    return info
  }
}
