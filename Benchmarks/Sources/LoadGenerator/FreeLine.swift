/// The clients of an open load that can take another request, the one that has waited longest
/// first, so that all of them are used. It never allocates.
struct FreeLine {
  private var ring: [Int]
  private var first = 0
  private var count = 0

  /// Room for so many clients, at least one, each of which stands in it once at most.
  init(capacity: Int) { ring = Array(repeating: 0, count: max(1, capacity)) }

  /// Puts a client that is not in it behind the others.
  mutating func append(_ client: Int) {
    ring[(first + count) % ring.count] = client
    count += 1
  }

  /// Takes the one that has waited longest; nil if there is none.
  mutating func popFirst() -> Int? {
    guard count > 0 else { return nil }
    let client = ring[first]
    first = (first + 1) % ring.count
    count -= 1
    return client
  }
}
