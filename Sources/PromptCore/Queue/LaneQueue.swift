import HeapModule
package import PromptProtocol

/// The flights that wait for a slot of one upstream, the next one first: the best class, and
/// within a class first come, first served.
///
/// Taking a flight out leaves its ticket behind, to be passed over when it comes up; the tickets
/// are swept when most of them are dead, so every step takes O(log n) on average.
package struct LaneQueue: Sendable {
  private struct Ticket: Comparable {
    var serial: UInt64
    var flight: FlightID

    static func < (left: Self, right: Self) -> Bool { left.serial < right.serial }
  }

  private struct Place {
    var priority: PriorityClass
    var serial: UInt64
  }

  private var tickets: [PriorityClass: Heap<Ticket>] = [:]
  private var places: [FlightID: Place] = [:]
  /// How many wait in each class.
  package private(set) var counts = ClassCounts()
  private var lastSerial: UInt64 = 0

  package init() {}

  /// How many wait.
  package var count: Int { places.count }

  /// Puts a flight at the end of its class.
  package mutating func insert(_ flight: FlightID, _ priority: PriorityClass) {
    lastSerial += 1
    place(flight, priority, serial: lastSerial)
  }

  /// Moves a waiting flight to another class; among those there it keeps the place that its
  /// arrival gives it.
  package mutating func move(_ flight: FlightID, to priority: PriorityClass) {
    guard let old = places[flight], old.priority != priority else { return }
    remove(flight)
    place(flight, priority, serial: old.serial)
  }

  /// Takes a flight out; nothing happens when it does not wait.
  package mutating func remove(_ flight: FlightID) {
    guard let place = places.removeValue(forKey: flight) else { return }
    counts[place.priority] -= 1
    sweep(place.priority)
  }

  /// Takes out the next flight of a class that `mayStart`; nil when there is none.
  package mutating func next(mayStart: (PriorityClass) -> Bool) -> FlightID? {
    for priority in PriorityClass.allCases.reversed() where counts[priority] > 0 {
      guard mayStart(priority) else { continue }
      while let ticket = tickets[priority]?.popMin() {
        guard isAlive(ticket, priority) else { continue }
        places[ticket.flight] = nil
        counts[priority] -= 1
        return ticket.flight
      }
    }
    return nil
  }

  /// Everything that waits, the next one first. Takes O(n log n): for people who look.
  package var ordered: [FlightID] {
    places.sorted { left, right in
      (right.value.priority, left.value.serial) < (left.value.priority, right.value.serial)
    }.map(\.key)
  }

  /// A flight's place from 1; nil when it does not wait. Takes as long as there are classes for the
  /// one that came last, else O(n).
  package func position(of flight: FlightID) -> Int? {
    guard let place = places[flight] else { return nil }
    let better = PriorityClass.allCases.filter { $0 > place.priority }.reduce(0) { $0 + counts[$1] }
    if place.serial == lastSerial { return better + counts[place.priority] }
    let before = places.values.count {
      $0.priority == place.priority && $0.serial <= place.serial
    }
    return better + before
  }

  private mutating func place(_ flight: FlightID, _ priority: PriorityClass, serial: UInt64) {
    places[flight] = Place(priority: priority, serial: serial)
    counts[priority] += 1
    tickets[priority, default: Heap()].insert(Ticket(serial: serial, flight: flight))
  }

  private func isAlive(_ ticket: Ticket, _ priority: PriorityClass) -> Bool {
    guard let place = places[ticket.flight] else { return false }
    return place.serial == ticket.serial && place.priority == priority
  }

  private mutating func sweep(_ priority: PriorityClass) {
    guard let all = tickets[priority], all.count > 2 * counts[priority] + 32 else { return }
    tickets[priority] = Heap(all.unordered.filter { isAlive($0, priority) })
  }
}
