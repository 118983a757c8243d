import PromptProtocol
import Testing

@testable import SQLiteStore

struct BloomFilterTests {
  /// Digests as SHA-256 makes them, without a pattern.
  private static func entry(_ number: UInt64) -> AnswerKey {
    func mixed(_ salt: UInt64) -> UInt64 {
      var word = (number &+ salt) &* 0x9E37_79B9_7F4A_7C15
      word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
      return word ^ word >> 31
    }
    return AnswerKey(
      key: Digest(words: (mixed(1 << 40), mixed(2 << 40), mixed(3 << 40), mixed(4 << 40))),
      variant: Digest(words: (mixed(5 << 40), mixed(6 << 40), mixed(7 << 40), mixed(8 << 40))))
  }

  @Test func whatWasPutInIsAlwaysFound() {
    var filter = BloomFilter(capacity: 1000)
    for number in 0..<10_000 as Range<UInt64> { filter.insert(Self.entry(number)) }
    #expect((0..<10_000).allSatisfy { filter.mayContain(Self.entry($0)) })
    #expect(filter.count == 10_000)
  }

  @Test func aFullOneTakesFewStrangersForMembers() {
    var filter = BloomFilter(capacity: 10_000)
    for number in 0..<10_000 as Range<UInt64> { filter.insert(Self.entry(number)) }
    let strangers = (100_000..<200_000).filter { filter.mayContain(Self.entry($0)) }.count
    #expect(strangers < 1000)
  }

  @Test func anEmptyOneHasNoMembers() {
    #expect(!BloomFilter(capacity: 0).mayContain(Self.entry(1)))
  }

  @Test func theVariantCountsToo() {
    var filter = BloomFilter(capacity: 1000)
    let first = Self.entry(1)
    filter.insert(first)
    #expect(!filter.mayContain(AnswerKey(key: first.key, variant: Self.entry(2).variant)))
  }
}
