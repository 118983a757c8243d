import PromptProtocol

/// A set of entries that may take strangers for members, about one in three hundred when it is full,
/// and never a member for a stranger (B. H. Bloom, 1970). Twelve bits or a little more for each.
struct BloomFilter: Sendable {
  /// Entries that it is made for.
  let capacity: Int
  /// Entries that were put in, doubles too.
  private(set) var count = 0
  private var words: [UInt64]
  /// A power of two less one.
  private let mask: UInt64

  /// Bits set for each entry: the best number for twelve bits is eight, and six are nearly as good.
  private static let probes: UInt64 = 6

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    let bits = UInt64((self.capacity * 12).nextPowerOfTwo)
    words = Array(repeating: 0, count: Int(bits / 64))
    mask = bits - 1
  }

  mutating func insert(_ entry: AnswerKey) {
    count += 1
    for bit in Self.bits(of: entry, mask) { words[Int(bit >> 6)] |= 1 << (bit & 63) }
  }

  /// Whether an entry may have been put in.
  func mayContain(_ entry: AnswerKey) -> Bool {
    Self.bits(of: entry, mask).allSatisfy { words[Int($0 >> 6)] & 1 << ($0 & 63) != 0 }
  }

  /// Two hashes make as many as are wanted (A. Kirsch and M. Mitzenmacher, 2006), and the digests are
  /// hashes already.
  private static func bits(
    of entry: AnswerKey, _ mask: UInt64
  ) -> some Sequence<UInt64> {
    let first = entry.key.words.0 ^ entry.variant.words.1
    let second = (entry.key.words.2 ^ entry.variant.words.3) | 1
    return (0..<probes).lazy.map { (first &+ $0 &* second) & mask }
  }
}

extension Int {
  /// The least power of two that is not less, 64 at least.
  fileprivate var nextPowerOfTwo: Int {
    var power = 64
    while power < self { power <<= 1 }
    return power
  }
}
