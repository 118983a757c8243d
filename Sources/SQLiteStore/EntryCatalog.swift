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

  /// Room for this many at least, in 128 KiB, and at most, in 64 MiB: what a file says of itself may be
  /// wrong, and beyond that more strangers pass.
  private static let leastCapacity = 1 << 16
  private static let mostCapacity = 1 << 25

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
    case .known(let filter):
      filter.count > filter.capacity && filter.capacity < Self.mostCapacity
    }
  }

  /// The entries of a file that holds about `count` are going to be gone through, while `arriving` are
  /// on their way there.
  mutating func begin(count: Int, arriving: some Sequence<AnswerKey>) {
    var most = min(max(count, 0), Self.mostCapacity)
    // Those who came since count too, or a wrong number would have it made anew for ever.
    if case .known(let filter) = stage { most = max(most, filter.count) }
    var filter = BloomFilter(
      capacity: min(max(Self.leastCapacity, 2 * most), Self.mostCapacity))
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

  /// The file could not be gone through this time.
  mutating func giveUp() { stage = .unknown }

  /// Somebody else writes to the file, or it holds what cannot be read.
  mutating func share() {
    stage = .unknown
    isShared = true
  }
}
