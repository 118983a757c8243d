package import PromptProtocol

/// The requests that wait for a slot of one upstream, the next one first.
///
/// The best class comes first; waiting lifts each client's oldest request by one class for each
/// `ageStep`, up to `high`. Within a class the clients take turns by weighted fair queueing
/// (start-time fair queueing: Goyal, Vin and Cheng, 1996), where a request costs its tokens; within
/// a client, whoever came first goes first. Inserting what has just come and removing take O(log n);
/// picking takes as long as there are clients that wait.
///
/// Of those who wait for the same call each has a place of its own, and the first whose turn comes
/// starts it. One of them counts where those who wait are counted, so that places are calls.
package struct LaneQueue: Sendable {
  /// One request as it waits.
  package struct Entry: Sendable {
    package var client: ClientID
    package var priority: PriorityClass
    /// When it came: among those of its client it keeps this place, whenever it is put in.
    package var arrived: MonotonicTime
    /// The tokens that its call is likely to take.
    package var tokens: Int
    /// Whether it stands for its call where those who wait are counted.
    package var counts: Bool

    package init(
      client: ClientID, priority: PriorityClass, arrived: MonotonicTime, tokens: Int,
      counts: Bool = true
    ) {
      self.client = client
      self.priority = priority
      self.arrived = arrived
      self.tokens = tokens
      self.counts = counts
    }
  }

  /// A request that is next to start.
  package struct Candidate: Equatable, Sendable {
    package var request: RequestID
    package var client: ClientID
    /// Its own class, which the slot counts for.
    package var priority: PriorityClass
    package var tokens: Int
    /// The class that waiting has lifted it to, and where it stands there.
    fileprivate var lifted: PriorityClass
    fileprivate var start: Double
    fileprivate var ticket: ClientLine.Ticket

    fileprivate func goesBefore(_ other: Self) -> Bool {
      if lifted != other.lifted { return lifted > other.lifted }
      if start != other.start { return start < other.start }
      return ticket < other.ticket
    }
  }

  /// Who is next.
  package struct Pick: Equatable, Sendable {
    /// Nil when nobody may start.
    package var next: Candidate?
    /// When somebody whom time alone keeps may start; nil when time keeps nobody.
    package var opens: MonotonicTime?

    package init(next: Candidate? = nil, opens: MonotonicTime? = nil) {
      self.next = next
      self.opens = opens
    }
  }

  /// The wait that lifts a client's oldest request by one class.
  package var ageStep: Duration {
    get { .nanoseconds(ageNanoseconds) }
    set { ageNanoseconds = newValue.nanoseconds }
  }

  private var ageNanoseconds: Int64
  /// How many calls wait in each class, by their own classes.
  package private(set) var counts = ClassCounts()
  /// How many calls wait.
  package private(set) var count = 0
  /// The tokens of all of them.
  package private(set) var tokens = 0
  private var places: [RequestID: ClientLine.Place] = [:]
  /// One for each client that waits, in no order, and where to find it.
  private var lines: [ClientLine] = []
  private var indices: [ClientID: Int] = [:]
  /// How far each class has come: the start of its last call, in tokens by weight.
  private var reached = SIMD8<Double>()
  private var lastSerial: UInt64 = 0

  package init(ageStep: Duration = .seconds(60)) { ageNanoseconds = ageStep.nanoseconds }

  /// Puts a request in; one that waits already is taken out first.
  package mutating func insert(
    _ request: RequestID, _ entry: Entry, weight: Int, now: MonotonicTime
  ) {
    let age = places[request].flatMap { indices[$0.entry.client] }
      .flatMap { lines[$0].age(of: request) }
    remove(request, now: now)
    lastSerial += 1
    let ticket = ClientLine.Ticket(
      arrived: entry.arrived, serial: lastSerial, request: request, tokens: entry.tokens)
    places[request] = ClientLine.Place(entry: entry, serial: lastSerial)
    let index = indices[entry.client] ?? lines.count
    if index == lines.count {
      lines.append(ClientLine(entry.client, weight: weight))
      indices[entry.client] = index
    }
    lines[index].add(ticket, entry.priority, now: now)
    if entry.counts { count(entry, 1) }
    // Another class by its own wish is no new beginning.
    if let age { lines[index].keepAge(age, of: request) }
  }

  /// Takes a request out; nothing happens when it does not wait.
  package mutating func remove(_ request: RequestID, now: MonotonicTime) {
    guard let place = places.removeValue(forKey: request) else { return }
    let entry = place.entry
    if entry.counts { count(entry, -1) }
    guard let index = indices[entry.client] else { return }
    lines[index].drop(entry, now: now) { [places] in places[$0.request]?.serial == $0.serial }
    tidy(index)
  }

  /// Says whether a request stands for its call where those who wait are counted.
  package mutating func setCounts(_ counts: Bool, _ request: RequestID) {
    guard let entry = places[request]?.entry, entry.counts != counts else { return }
    places[request]?.entry.counts = counts
    count(entry, counts ? 1 : -1)
  }

  private mutating func count(_ entry: Entry, _ change: Int) {
    counts[entry.priority] += change
    count += change
    tokens += change * entry.tokens
    if let index = indices[entry.client] { lines[index].count(entry, change) }
  }

  /// Who is next among those whose own class is `open` and whose client nothing hinders.
  package func pick(
    now: MonotonicTime, open: (PriorityClass) -> Bool,
    hindrance: (ClientID, Int) -> Hindrance?
  ) -> Pick {
    var mask = ClassMask()
    for priority in PriorityClass.allCases where open(priority) { mask.insert(priority) }
    var pick = Pick()
    // By pointer, for a line that is taken out of an array is copied.
    lines.withUnsafeBufferPointer { lines in
      for index in lines.indices {
        guard let candidate = candidate(in: lines, index, open: mask, now: now) else { continue }
        if let best = pick.next, best.goesBefore(candidate) { continue }
        switch hindrance(candidate.client, candidate.tokens) {
        case nil: pick.next = candidate
        case .until(let time): pick.opens = pick.opens.map { min($0, time) } ?? time
        case .untilReleased: break
        }
      }
    }
    return pick
  }

  /// When waiting lifts somebody next, who may then be next to start; nil when nobody is lifted.
  package func nextLift(now: MonotonicTime) -> MonotonicTime? {
    guard ageNanoseconds > 0 else { return nil }
    return lines.compactMap { $0.nextLift(ageNanoseconds, now: now) }.min()
  }

  /// Takes out whoever `pick` named, and charges its client for it.
  package mutating func take(_ candidate: Candidate, now: MonotonicTime) {
    let index = candidate.lifted.rawValue
    reached[index] = max(reached[index], candidate.start)
    if let line = indices[candidate.client] {
      lines[line].charge(candidate.tokens, from: candidate.start, in: candidate.lifted)
    }
    remove(candidate.request, now: now)
  }

  private func candidate(
    in lines: UnsafeBufferPointer<ClientLine>, _ index: Int, open: ClassMask, now: MonotonicTime
  ) -> Candidate? {
    guard let next = lines[index].next(open: open, ageStep: ageNanoseconds, now: now) else {
      return nil
    }
    let lifted = next.lifted.rawValue
    return Candidate(
      request: next.ticket.request, client: lines[index].client, priority: next.own,
      tokens: next.ticket.tokens, lifted: next.lifted,
      start: max(reached[lifted], lines[index].finished[lifted]), ticket: next.ticket)
  }

  /// A client that has nothing waiting and owes nothing is forgotten; once nobody waits, all are.
  private mutating func tidy(_ index: Int) {
    if places.isEmpty {
      lines = []
      indices = [:]
      reached = SIMD8()
    } else if lines[index].isEmpty, all(lines[index].finished .<= reached) {
      indices[lines[index].client] = nil
      lines.swapAt(index, lines.count - 1)
      lines.removeLast()
      if index < lines.count { indices[lines[index].client] = index }
    }
  }

  // MARK: Looking in

  /// The class and client of a request that waits.
  package func entry(of request: RequestID) -> Entry? { places[request]?.entry }

  /// Who starts each call, the next one first, if nothing hindered anybody and nobody came; `others`
  /// gives those who wait for the same call. Takes O(n) for each client that waits: for people who
  /// look.
  package func ordered(
    now: MonotonicTime, others: (RequestID) -> [RequestID] = { _ in [] }
  ) -> [RequestID] {
    var rest = self
    var order: [RequestID] = []
    order.reserveCapacity(count)
    while let next = rest.pick(now: now, open: { _ in true }, hindrance: { _, _ in nil }).next {
      order.append(next.request)
      rest.take(next, now: now)
      for other in others(next.request) { rest.remove(other, now: now) }
    }
    return order
  }

  /// About which place a request has among the calls that wait, from 1; nil when it does not wait.
  /// It is exact where all the calls of a client take as much and none has been lifted. Takes as
  /// long as there are clients, and requests of its own between it and the nearer end of their row.
  package func position(of request: RequestID) -> Int? {
    guard let place = places[request], let index = indices[place.entry.client] else { return nil }
    let own = lines[index]
    let priority = place.entry.priority
    let better = PriorityClass.allCases.filter { $0 > priority }.reduce(0) { $0 + counts[$1] }
    let (ahead, tokens) = own.ahead(of: place) { ticket in
      places[ticket.request].flatMap { $0.serial == ticket.serial ? $0.entry : nil }
    }
    let start =
      max(reached[priority.rawValue], own.finished[priority.rawValue])
      + Double(tokens) / Double(own.weight)
    var others = 0
    let head = own.head(priority)
    for other in lines.indices where other != index {
      others += lines[other].count(
        in: priority, before: start, reached: reached[priority.rawValue], tiesWith: head)
    }
    return better + ahead + others + 1
  }

  /// What part of the places that come free are a client's, while the others wait as they do.
  package func share(of client: ClientID) -> Double {
    guard let index = indices[client] else { return 1 }
    let own = lines[index]
    let weights = lines.indices.reduce(0) { $0 + (lines[$1].isEmpty ? 0 : lines[$1].weight) }
    return Double(own.weight) / Double(max(weights, own.weight))
  }
}
