/// Answers in memory, bounded by bytes, evicted by SIEVE: one queue by age and one bit for each
/// entry, so that a hit moves nothing (Zhang et al., NSDI 2024).
package struct MemoryTier: Sendable {
  /// What the answers take, in bytes; at most `limit`.
  package private(set) var bytes = 0
  package private(set) var evictions = 0
  package let limit: Int

  /// One place of the queue; `newer` and `older` are places too, or -1.
  private struct Slot {
    var answer: CachedAnswer
    /// When the disk was last told that it is used, in milliseconds since 1970.
    var noted: Int64
    var visited = false
    var newer = -1
    var older = -1
  }

  private var slots: [Slot?] = []
  private var free: [Int] = []
  private var places: [CacheKeys: Int] = [:]
  private var newest = -1
  private var oldest = -1
  /// Where the next look for a victim begins; it moves from old to new.
  private var hand = -1

  package init(limit: Int) { self.limit = limit }

  package var count: Int { places.count }

  /// How often the disk is told that an answer is used, in milliseconds: it evicts by that.
  private static let notePause: Int64 = 3_600_000

  /// The answer under `keys`, noted as visited, and whether the disk is to be told that it is used;
  /// nil without one. `now` is in milliseconds since 1970.
  package mutating func find(
    _ keys: CacheKeys, now: Int64
  ) -> (answer: CachedAnswer, mustNote: Bool)? {
    guard let place = places[keys], let slot = slots[place] else { return nil }
    slots[place]?.visited = true
    let isLongAgo = now - slot.noted >= Self.notePause
    if isLongAgo { slots[place]?.noted = now }
    return (slot.answer, isLongAgo)
  }

  /// The answer under `keys`, without noting a visit; nil without one.
  package func peek(_ keys: CacheKeys) -> CachedAnswer? {
    places[keys].flatMap { slots[$0]?.answer }
  }

  /// Looks at some of the places from one on, and takes out every answer there that is meant; says how
  /// many there were, and where to go on, nil at the end.
  package mutating func remove(
    from place: Int, where isMeant: (CachedAnswer) -> Bool
  ) -> (count: Int, next: Int?) {
    let end = min(place + Self.looksAtOnce, slots.count)
    guard place < end else { return (0, nil) }
    let meant = slots[place..<end].compactMap { $0?.answer }.filter(isMeant)
    for answer in meant { remove(answer.keys) }
    return (meant.count, end < slots.count ? end : nil)
  }

  /// Others who want the tier wait for as many: a fraction of a millisecond.
  private static let looksAtOnce = 500

  /// Puts an answer in, in place of an older one under the same keys. One that is larger than an
  /// eighth of the tier is not taken: it would push out everything else.
  package mutating func insert(_ answer: CachedAnswer, now: Int64) {
    remove(answer.keys)
    guard answer.weight <= limit / 8 else { return }
    while bytes + answer.weight > limit, evictOne() {}
    let place = free.popLast() ?? slots.count
    if place == slots.count { slots.append(nil) }
    slots[place] = Slot(answer: answer, noted: now, older: newest)
    if newest >= 0 { slots[newest]?.newer = place }
    newest = place
    if oldest < 0 { oldest = place }
    places[answer.keys] = place
    bytes += answer.weight
  }

  /// Takes an answer out.
  package mutating func remove(_ keys: CacheKeys) {
    guard let place = places.removeValue(forKey: keys), let slot = slots[place] else { return }
    if hand == place { hand = slot.newer }
    if slot.newer >= 0 { slots[slot.newer]?.older = slot.older } else { newest = slot.older }
    if slot.older >= 0 { slots[slot.older]?.newer = slot.newer } else { oldest = slot.newer }
    slots[place] = nil
    free.append(place)
    bytes -= slot.answer.weight
  }

  private mutating func evictOne() -> Bool {
    var place = hand >= 0 ? hand : oldest
    while place >= 0, let slot = slots[place] {
      if !slot.visited {
        hand = slot.newer
        remove(slot.answer.keys)
        evictions += 1
        return true
      }
      slots[place]?.visited = false
      place = slot.newer >= 0 ? slot.newer : oldest
    }
    return false
  }
}
