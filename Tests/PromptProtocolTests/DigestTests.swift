import PromptProtocol
import Testing

struct DigestTests {
  private let bytes = (0..<32).map { UInt8($0 * 8 + 1) }

  @Test func bytesAndDigitsSayTheSame() throws {
    let digest = try #require(Digest(bytes: bytes))
    #expect(digest.hex == "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9")
    #expect(digest.bytes == bytes)
    #expect(digest.words.0 == 0x0109_1119_2129_3139)
    #expect(digest.words.3 == 0xC1C9_D1D9_E1E9_F1F9)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == digest)
    #expect(Digest(words: digest.words) == digest)
  }

  @Test func leadingZerosAreKept() {
    let zero = Digest(words: (0, 0, 0, 0))
    #expect(zero.hex == String(repeating: "0", count: 64))
    #expect(zero.bytes == Array(repeating: 0, count: 32))
    #expect(Digest(words: (1, 0, 0, 15)).hex.hasSuffix("000f"))
  }

  @Test(arguments: [0, 1, 31, 33, 64])
  func onlyThirtyTwoBytesAreADigest(count: Int) {
    #expect(Digest(bytes: Array(repeating: 7, count: count)) == nil)
  }

  @Test(arguments: [
    "", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
    String(repeating: "0", count: 63) + "g", String(repeating: "0", count: 62) + "é",
    " " + String(repeating: "0", count: 63), String(repeating: "０", count: 64),
    "+" + String(repeating: "f", count: 63),
  ])
  func onlySixtyFourHexadecimalDigitsAreADigest(text: String) {
    #expect(Digest(hex: text) == nil)
  }

  @Test func digestsThatDifferInAnyWordAreDifferent() {
    let one = Digest(words: (1, 2, 3, 4))
    let others: [Digest] = [
      .init(words: (0, 2, 3, 4)), .init(words: (1, 0, 3, 4)), .init(words: (1, 2, 0, 4)),
      .init(words: (1, 2, 3, 0)),
    ]
    #expect(!others.contains(one))
    #expect(Set(others + [one]).count == 5)
    #expect(Set([one, Digest(words: (1, 2, 3, 4))]).count == 1)
  }

  @Test func digitsAreAppendedToWhatIsThere() {
    var output = Array("key ".utf8)
    Digest(words: (0, 0, 0, 0xAB)).appendHex(to: &output)
    #expect(output.count == 68)
    #expect(String(decoding: output, as: UTF8.self).hasPrefix("key 000"))
    #expect(String(decoding: output, as: UTF8.self).hasSuffix("0ab"))
  }
}
