import PromptProtocol
import Testing

@testable import SQLiteStore

struct EntryCatalogTests {
  private var catalog = EntryCatalog()
  // Far from each other, for these digests are numbers and no hashes.
  private let one = StoredAnswer.make(1).entry
  private let two = StoredAnswer.make(2000).entry
  private let three = StoredAnswer.make(3000).entry

  @Test mutating func nothingIsRuledOutUntilAllIsKnown() {
    #expect(catalog.mayHold(one))
    catalog.begin(count: 2, arriving: [one])
    #expect(catalog.mayHold(three))
    catalog.insert(two)
    catalog.finish()
    #expect(catalog.mayHold(one))
    #expect(catalog.mayHold(two))
    #expect(!catalog.mayHold(three))
  }

  @Test mutating func whatComesLaterIsKnown() {
    catalog.begin(count: 0, arriving: [])
    catalog.finish()
    #expect(!catalog.mayHold(three))
    catalog.insert(three)
    #expect(catalog.mayHold(three))
  }

  @Test mutating func aFileThatOthersWriteToIsNeverKnown() {
    catalog.begin(count: 0, arriving: [])
    catalog.finish()
    catalog.share()
    #expect(catalog.mayHold(three))
    #expect(!catalog.isWanting)
    catalog.finish()
    #expect(catalog.mayHold(three))
  }

  @Test(arguments: [Int.max, Int.min, -1, 1 << 58])
  func aFileMaySayAnythingOfItself(count: Int) {
    var catalog = EntryCatalog()
    catalog.begin(count: count, arriving: [one])
    catalog.finish()
    #expect(catalog.mayHold(one))
    #expect(!catalog.mayHold(three))
    #expect(!catalog.isWanting)
  }

  @Test mutating func oneThatHasOutgrownItsRoomIsMadeAnew() {
    #expect(catalog.isWanting)
    catalog.begin(count: 0, arriving: [])
    #expect(!catalog.isWanting)
    catalog.finish()
    #expect(!catalog.isWanting)
    for _ in 0...(1 << 16) { catalog.insert(one) }
    #expect(catalog.isWanting)
  }
}
