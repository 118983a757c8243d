/// A SHA-256 digest: 32 bytes, shown as 64 lower-case hexadecimal digits.
///
/// Four words and no array, so that a key costs no allocation and hashes fast.
package struct Digest: Hashable, Sendable {
  /// The bytes in order, eight a word, most significant first.
  package var words: (UInt64, UInt64, UInt64, UInt64)

  package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// A digest from exactly 32 bytes; nil for any other count.
  package init?(bytes: some Sequence<UInt8>) {
    var words: [UInt64] = [0, 0, 0, 0]
    var count = 0
    for byte in bytes {
      guard count < 32 else { return nil }
      words[count / 8] = words[count / 8] << 8 | UInt64(byte)
      count += 1
    }
    guard count == 32 else { return nil }
    self.words = (words[0], words[1], words[2], words[3])
  }

  /// A digest from 64 hexadecimal digits of either case; nil for anything else.
  package init?(hex: String) {
    let digits = hex.utf8.map {
      UInt8(truncatingIfNeeded: Character(UnicodeScalar($0)).hexDigitValue ?? 255)
    }
    guard digits.count == 64, digits.allSatisfy({ $0 < 16 }) else { return nil }
    self.init(bytes: stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  /// The 32 bytes.
  package var bytes: [UInt8] {
    let ordered = (
      words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
    )
    return withUnsafeBytes(of: ordered) { Array($0) }
  }

  /// The 64 digits.
  package var hex: String {
    var text: [UInt8] = []
    appendHex(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the 64 digits.
  package func appendHex(to output: inout [UInt8]) {
    let digits: StaticString = "0123456789abcdef"
    // Put together on the stack: every reply has one.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { text in
      digits.withUTF8Buffer { digits in
        func write(_ word: UInt64, at start: Int) {
          for place in 0..<16 {
            text[start + place] = digits[Int(word >> UInt64(60 - 4 * place) & 15)]
          }
        }
        write(words.0, at: 0)
        write(words.1, at: 16)
        write(words.2, at: 32)
        write(words.3, at: 48)
      }
      output.append(contentsOf: text)
    }
  }

  package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) {
    // The words are uniformly distributed already: one of them is as good as all four.
    hasher.combine(words.0)
  }
}
