import DequeModule
import PromptProtocol

/// The requests of one client in a lane, a row for each class, by arrival.
///
/// Most come last of all, and some a little earlier, for they come by several threads. Taking a
/// request out leaves its ticket behind unless it is the first; dead tickets are dropped once they come
/// first, and swept when most are dead.
struct ClientLine: Sendable {
  /// A place in line: by arrival.
  struct Ticket: Comparable, Sendable {
    var arrived: MonotonicTime
    /// Tells the tickets of one request apart, and orders those that came at the same time.
    var serial: UInt64
    var request: RequestID
    /// What its call is likely to take.
    var tokens: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.arrived, left.serial) < (right.arrived, right.serial)
    }
  }

  /// Where a request waits.
  struct Place: Sendable {
    var entry: LaneQueue.Entry
    /// That of its living ticket.
    var serial: UInt64
  }

  let client: ClientID
  let weight: Int
  /// Where the client's next call of each class may start, in tokens by weight.
  private(set) var finished = SIMD8<Double>()
  private var tickets = [Deque<Ticket>](repeating: [], count: PriorityClass.allCases.count)
  /// The living tickets in each class.
  private var living = ClassCounts()
  /// The classes in which something waits.
  private var occupied = ClassMask()
  /// Those that count in each class, and their tokens.
  private var counts = ClassCounts()
  private var tokens = ClassCounts()
  /// The request that came first of all, and since when it is that.
  private var oldest: (ticket: Ticket, priority: PriorityClass, since: MonotonicTime)?

  init(_ client: ClientID, weight: Int) {
    self.client = client
    self.weight = weight
  }

  var isEmpty: Bool { occupied.isEmpty }

  /// Adds a request.
  mutating func add(_ ticket: Ticket, _ priority: PriorityClass, now: MonotonicTime) {
    let index = priority.rawValue
    tickets[index].insert(ticket, at: place(of: ticket.arrived, ticket.serial, in: index))
    living[priority] += 1
    occupied.insert(priority)
    // What comes behind the oldest changes nothing.
    if let oldest, oldest.ticket < ticket { return }
    refresh(now)
  }

  /// Counts an entry, or counts it no more.
  mutating func count(_ entry: LaneQueue.Entry, _ change: Int) {
    counts[entry.priority] += change
    tokens[entry.priority] += change * entry.tokens
  }

  /// Drops a request that `isAlive` says is dead now.
  mutating func drop(
    _ entry: LaneQueue.Entry, now: MonotonicTime, isAlive: (Ticket) -> Bool
  ) {
    let index = entry.priority.rawValue
    living[entry.priority] -= 1
    if living[entry.priority] == 0 { occupied.remove(entry.priority) }
    while let first = tickets[index].first, !isAlive(first) { tickets[index].removeFirst() }
    if tickets[index].count > 2 * living[entry.priority] + 32 {
      tickets[index].removeAll { !isAlive($0) }
    }
    refresh(now)
  }

  /// Where in its row a ticket is, or belongs.
  private func place(of arrived: MonotonicTime, _ serial: UInt64, in index: Int) -> Int {
    let row = tickets[index]
    var (low, high) = (0, row.count)
    if let last = row.last, (last.arrived, last.serial) < (arrived, serial) { return high }
    while low < high {
      let middle = (low + high) / 2
      if (row[middle].arrived, row[middle].serial) < (arrived, serial) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// Charges for a call of so many tokens that started at `start` in a class.
  mutating func charge(_ tokens: Int, from start: Double, in priority: PriorityClass) {
    finished[priority.rawValue] = start + Double(tokens) / Double(weight)
  }

  /// The next to start, its own class, and the class that it has been lifted to.
  func next(
    open: ClassMask, ageStep: Int64, now: MonotonicTime
  ) -> (ticket: Ticket, own: PriorityClass, lifted: PriorityClass)? {
    guard let best = occupied.best(of: open), let first = tickets[best.rawValue].first else {
      return nil
    }
    if let oldest, open.contains(oldest.priority) {
      let lifted = Self.lift(oldest.priority, since: oldest.since, ageStep, now)
      if lifted >= best { return (oldest.ticket, oldest.priority, lifted) }
    }
    return (first, best, best)
  }

  /// When the client's oldest is lifted next; nil when it is not.
  func nextLift(_ ageStep: Int64, now: MonotonicTime) -> MonotonicTime? {
    guard let oldest else { return nil }
    let lifted = Self.lift(oldest.priority, since: oldest.since, ageStep, now)
    guard lifted < .high else { return nil }
    let steps = lifted.rawValue - oldest.priority.rawValue + 1
    return MonotonicTime(nanoseconds: oldest.since.nanoseconds + ageStep * Int64(steps))
  }

  private static func lift(
    _ priority: PriorityClass, since: MonotonicTime, _ ageStep: Int64, _ now: MonotonicTime
  ) -> PriorityClass {
    guard priority < .high, ageStep > 0 else { return priority }
    let steps = max(0, now.nanoseconds - since.nanoseconds) / ageStep
    let most = PriorityClass.high.rawValue
    return PriorityClass(
      rawValue: priority.rawValue + Int(min(steps, Int64(most - priority.rawValue))))
      ?? priority
  }

  /// Since when a request is the oldest of the client; nil when another is.
  func age(of request: RequestID) -> MonotonicTime? {
    oldest?.ticket.request == request ? oldest?.since : nil
  }

  /// Says since when a request counts as the oldest, if it is that.
  mutating func keepAge(_ since: MonotonicTime, of request: RequestID) {
    if oldest?.ticket.request == request { oldest?.since = since }
  }

  private mutating func refresh(_ now: MonotonicTime) {
    var first: (ticket: Ticket, priority: PriorityClass)?
    for priority in PriorityClass.allCases where occupied.contains(priority) {
      guard let ticket = tickets[priority.rawValue].first else { continue }
      if first.map({ ticket < $0.ticket }) ?? true { first = (ticket, priority) }
    }
    guard let first else { return oldest = nil }
    let since = oldest?.ticket.request == first.ticket.request ? oldest?.since : nil
    oldest = (first.ticket, first.priority, since ?? now)
  }

  // MARK: Looking in

  /// How many calls are ahead of a request within its class, and their tokens; `living` gives the
  /// entry of a ticket, nil for a dead one. Takes as long as there are tickets before it or behind it,
  /// whichever are fewer: none behind for most who have just come.
  func ahead(
    of place: Place, living entry: (Ticket) -> LaneQueue.Entry?
  ) -> (count: Int, tokens: Int) {
    let priority = place.entry.priority
    let row = tickets[priority.rawValue]
    let index = self.place(of: place.entry.arrived, place.serial, in: priority.rawValue)
    let isNearFront = index < row.count / 2
    var some = (count: 0, tokens: 0)
    for ticket in isNearFront ? row[..<index] : row[index...] {
      guard let entry = entry(ticket), entry.counts else { continue }
      some = (some.count + 1, some.tokens + entry.tokens)
    }
    if isNearFront { return some }
    return (counts[priority] - some.count, tokens[priority] - some.tokens)
  }

  /// The first ticket of a class.
  func head(_ priority: PriorityClass) -> Ticket? { tickets[priority.rawValue].first }

  /// About how many calls of a class start before another client's that starts at `start`; of two
  /// that start at the same point, the one of the line whose head came first goes first.
  func count(
    in priority: PriorityClass, before start: Double, reached: Double, tiesWith head: Ticket?
  ) -> Int {
    let first = max(reached, finished[priority.rawValue])
    guard counts[priority] > 0, first <= start, let head, let own = self.head(priority)
    else { return 0 }
    let count = counts[priority]
    let each = max(1, Double(tokens[priority]) / Double(count)) / Double(weight)
    let steps = min(Double(count), (start - first) / each)
    let isTie = (steps - steps.rounded()).magnitude < 1e-6
    let before = isTie ? steps.rounded() + (own < head ? 1 : 0) : steps.rounded(.up)
    return min(count, Int(before))
  }
}
