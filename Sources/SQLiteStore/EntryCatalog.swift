/// Which entries the disk may hold, so that it is not asked for others: most questions are new.
///
/// It begins unknown, and anything may be on disk. From unknown it goes to being filled, while the
/// entries of the file are gone through, and then to known. From every state it goes back to
/// unknown, and for good once somebody else writes to the file.
struct EntryCatalog: Sendable {
  private enum Stage: Sendable {
    case unknown
    case filling(BloomFilter)
    case known(BloomFilter)
  }

  private var stage = Stage.unknown
  private var isShared = false

  /// Room for this many at least: 128 KiB.
  private static let leastCapacity = 1 << 16

  /// Whether the disk may hold an entry.
  func mayHold(_ entry: AnswerKey) -> Bool {
    guard case .known(let filter) = stage else { return true }
    return filter.mayContain(entry)
  }

  /// Whether the entries of the file are to be gone through: nothing is known of them, or so many have
  /// come that too many strangers pass.
  var isWanting: Bool {
    switch stage {
    case .unknown: !isShared
    case .filling: false
    case .known(let filter): filter.count > filter.capacity
    }
  }

  /// The entries of a file that holds about `count` are going to be gone through, while `arriving` are
  /// on their way there.
  mutating func begin(count: Int, arriving: some Sequence<AnswerKey>) {
    var filter = BloomFilter(capacity: max(Self.leastCapacity, 2 * count))
    for entry in arriving { filter.insert(entry) }
    stage = .filling(filter)
  }

  /// An entry was found in the file, or is going to be.
  mutating func insert(_ entry: AnswerKey) {
    switch stage {
    case .unknown: break
    case .filling(var filter):
      stage = .unknown  // so that nothing is copied
      filter.insert(entry)
      stage = .filling(filter)
    case .known(var filter):
      stage = .unknown
      filter.insert(entry)
      stage = .known(filter)
    }
  }

  /// All entries of the file have been inserted.
  mutating func finish() {
    if case .filling(let filter) = stage { stage = .known(filter) }
  }

  /// Somebody else writes to the file, or it cannot be gone through.
  mutating func share() {
    stage = .unknown
    isShared = true
  }
}
