import PromptProtocol
import Testing

struct RequestIDTests {
  static let table: [(UInt64, UInt64, UInt64, String)] = [
    (0, 0, 0, "r-00000000000000000000000000"),
    (1, 0, 0, "r-00000000010000000000000000"),
    (0, 0, 1, "r-00000000000000000000000001"),
    (0, 0xFFFF, .max, "r-0000000000ZZZZZZZZZZZZZZZZ"),
    (0, 1, 0, "r-0000000000000G000000000000"),
    ((1 << 48) - 1, .max, .max, "r-7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
    // The time of the ULID specification's own example, 2016-07-30T23:54:10.259Z.
    (1_469_922_850_259, 0, 0, "r-01ARZ3NDEK0000000000000000"),
  ]

  @Test(arguments: table)
  func anIdIsAULID(milliseconds: UInt64, high: UInt64, low: UInt64, text: String) {
    let id = RequestID(milliseconds: milliseconds, random: (high, low))
    #expect(id.description == text)
    #expect(text.utf8.count == RequestID.textLength)
    #expect(RequestID(text) == id)
    var output: [UInt8] = [0x20]
    id.append(to: &output)
    #expect(output == [0x20] + Array(text.utf8))
  }

  @Test func everyDigitOfTheTextIsReadBack() {
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    for place in 0..<26 {
      for digit in place == 0 ? digits[..<8] : digits[...] {
        var text = Array(repeating: Character("0"), count: 26)
        text[place] = digit
        let whole = "r-" + String(text)
        #expect(RequestID(whole)?.description == whole)
      }
    }
  }

  @Test(arguments: [
    "", "r-", "r-0000000000000000000000000", "r-000000000000000000000000000",
    "j-00000000000000000000000000", "R-00000000000000000000000000",
    "00000000000000000000000000r-", "r-80000000000000000000000000", "r-Z0000000000000000000000000",
    "r-0000000000000000000000000I", "r-0000000000000000000000000L", "r-0000000000000000000000000O",
    "r-0000000000000000000000000U", "r-0000000000000000000000000a", "r-000000000000000000000000é",
    "r-0000000000000000000000000 ", "r-0000000000000000000000000\0",
  ])
  func whatIsNoIdIsNotRead(text: String) {
    #expect(RequestID(text) == nil)
  }

  @Test func laterIdsSortAfterEarlierOnes() {
    var ids = RequestIDs(seed: (0xABCD_EF01_2345_6789, 41))
    var texts: [String] = []
    for milliseconds in [UInt64(1_700_000_000_000), 1_700_000_000_001, 1_800_000_000_000] {
      for _ in 0..<100 { texts.append(ids.next(milliseconds: milliseconds).description) }
    }
    #expect(texts == texts.sorted())
    #expect(Set(texts).count == 300)
  }

  @Test func idsStayDifferentWhereTheRandomWordEnds() {
    var ids = RequestIDs(seed: (7, .max - 1))
    let made = (0..<4).map { _ in ids.next(milliseconds: 5) }
    #expect(Set(made).count == 4)
  }

  @Test func daemonsThatBeganWithOtherWordsGiveOtherIds() {
    var one = RequestIDs(seed: (1, 1))
    var other = RequestIDs(seed: (2, 1))
    #expect(one.next(milliseconds: 9) != other.next(milliseconds: 9))
  }
}
