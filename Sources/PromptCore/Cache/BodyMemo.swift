import Glibc

/// What bodies mean that have been looked at before, byte for byte: one that comes again needs no
/// parsing, checking and hashing by SHA-256. Bounded by bytes.
///
/// Where there is no room, one in eight is taken, and any other makes room: going by age, more bodies
/// in turn than there is room for would push each other out, and none would ever be found.
package struct BodyMemo {
  /// What a body means depends on where it stands, and on whose it is.
  package struct Place: Equatable {
    /// It is within another object, which counts for how deep it may nest.
    package var isNested: Bool
    /// What keeps a private client's answers apart; nil for the shared cache.
    package var namespace: String?

    package init(isNested: Bool, namespace: String?) {
      self.isNested = isNested
      self.namespace = namespace
    }
  }

  /// Held by reference, so that a look copies nothing.
  private final class Entry {
    let body: [UInt8]
    let place: Place
    let meaning: KnownBody

    init(_ body: [UInt8], _ place: Place, _ meaning: KnownBody) {
      self.body = body
      self.place = place
      self.meaning = meaning
    }
  }

  private let limit: Int
  private let seed: UInt64
  private var bytes = 0
  private var entries: [UInt64: Entry] = [:]
  /// The hashes of all, in no order.
  private var hashes: [UInt64] = []
  /// What goes next (Marsaglia's xorshift).
  private var dice: UInt64

  /// Bytes that an entry takes beside its body, about.
  private static let overhead = 256

  /// A memo of at most `limit` bytes; `seed` makes its hashes unlike all others.
  package init(limit: Int, seed: UInt64) {
    self.limit = limit
    self.seed = seed
    dice = seed | 1
  }

  /// What a body means; nil where it is not known.
  package func find(_ body: UnsafeRawBufferPointer, at place: Place) -> KnownBody? {
    guard !entries.isEmpty, let entry = entries[hash(body, at: place)],
      entry.body.count == body.count,
      entry.place == place, Self.equal(entry.body, body)
    else { return nil }
    return entry.meaning
  }

  /// Notes what a body means. One that would take an eighth of the memo is not noted.
  package mutating func insert(
    _ body: UnsafeRawBufferPointer, at place: Place, _ meaning: KnownBody
  ) {
    let weight = body.count + Self.overhead
    guard weight <= limit / 8 else { return }
    let hash = hash(body, at: place)
    // Another body of the same hash is as rare as it is harmless: it is looked at each time.
    guard entries[hash] == nil else { return }
    if bytes + weight > limit, roll(8) > 0 { return }
    while bytes + weight > limit, forgetOne() {}
    entries[hash] = Entry(Array(body), place, meaning)
    hashes.append(hash)
    bytes += weight
  }

  private mutating func forgetOne() -> Bool {
    guard let last = hashes.last else { return false }
    let place = roll(hashes.count)
    let hash = hashes[place]
    hashes[place] = last
    hashes.removeLast()
    if let entry = entries.removeValue(forKey: hash) {
      bytes -= entry.body.count + Self.overhead
    }
    return true
  }

  /// A number below `sides`.
  private mutating func roll(_ sides: Int) -> Int {
    dice ^= dice << 13
    dice ^= dice >> 7
    dice ^= dice << 17
    return Int(dice % UInt64(sides))
  }

  private static func equal(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
    left.withUnsafeBytes { left in
      guard let left = left.baseAddress, let start = right.baseAddress else { return true }
      return memcmp(left, start, right.count) == 0
    }
  }

  /// Sixteen bytes a step, each folded into what came before by a multiplication of full width: fast,
  /// and good enough to tell bodies apart that nobody made alike on purpose. Those that are cost a look
  /// more, for bytes decide.
  private func hash(_ body: UnsafeRawBufferPointer, at place: Place) -> UInt64 {
    var state = seed ^ UInt64(truncatingIfNeeded: body.count) ^ (place.isNested ? 1 << 63 : 0)
    // The same body is as often asked in many places as in one.
    if let namespace = place.namespace {
      state ^= UInt64(truncatingIfNeeded: namespace.hashValue)
    }
    var offset = 0
    while offset + 16 <= body.count {
      let low = body.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let high = body.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
      state = Self.fold(low ^ 0xA076_1D64_78BD_642F, high ^ state)
      offset += 16
    }
    var (low, high): (UInt64, UInt64) = (0, 0)
    if offset + 8 <= body.count {
      low = body.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset += 8
    }
    while offset < body.count {
      high = high << 8 | UInt64(body[offset])
      offset += 1
    }
    return Self.fold(low ^ 0xE703_7ED1_A0B4_28DB, high ^ state)
  }

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
