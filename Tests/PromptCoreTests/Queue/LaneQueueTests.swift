import PromptCore
import PromptProtocol
import TestSupport
import Testing

@Suite struct LaneQueueTests {
  private func flight(_ number: UInt64) -> FlightID { FlightID(rawValue: number) }

  private func queue(_ classes: PriorityClass...) -> LaneQueue {
    var queue = LaneQueue()
    for (index, priority) in classes.enumerated() {
      queue.insert(flight(UInt64(index)), priority)
    }
    return queue
  }

  private func drained(_ queue: LaneQueue) -> [UInt64] {
    var queue = queue
    var order: [UInt64] = []
    while let next = queue.next(mayStart: { _ in true }) { order.append(next.rawValue) }
    return order
  }

  @Test func theBestClassComesFirstAndWithinItWhoCameFirst() {
    let queue = queue(.low, .urgent, .normal, .urgent, .idle, .high)
    #expect(drained(queue) == [1, 3, 5, 2, 0, 4])
    #expect(queue.ordered.map(\.rawValue) == [1, 3, 5, 2, 0, 4])
  }

  @Test func aClassThatMayNotStartLetsTheNextOneGo() {
    var queue = queue(.low, .high, .low)
    #expect(queue.next { $0 == .low } == flight(0))
    #expect(queue.next { $0 == .idle } == nil)
    #expect(queue.count == 2)
  }

  @Test func whoIsMovedKeepsThePlaceThatItsArrivalGives() {
    var queue = queue(.low, .normal, .normal)
    queue.move(flight(0), to: .normal)
    queue.move(flight(7), to: .urgent)
    #expect(drained(queue) == [0, 1, 2])
  }

  @Test func everyPlaceIsThatInTheOrder() {
    var queue = queue(.low, .urgent, .normal, .urgent, .idle, .high)
    queue.move(flight(0), to: .normal)
    for (index, flight) in queue.ordered.enumerated() {
      #expect(queue.position(of: flight) == index + 1)
    }
    #expect(queue.position(of: flight(9)) == nil)
  }

  @Test func whoIsTakenOutIsNotFoundAgain() {
    var queue = queue(.normal, .normal)
    queue.remove(flight(0))
    queue.remove(flight(0))
    #expect(queue.count == 1)
    #expect(queue.counts[.normal] == 1)
    #expect(drained(queue) == [1])
  }

  /// Whatever is done, the queue is the sorted list of those who wait.
  @Test func itAgreesWithASortedList() {
    var queue = LaneQueue()
    var model: [(flight: UInt64, priority: PriorityClass)] = []
    var generator = SplitMix(seed: 42)
    func order() -> [UInt64] {
      // Flights count up as they come, so that among equals the number is the order.
      model.sorted { ($1.priority, $0.flight) < ($0.priority, $1.flight) }.map(\.flight)
    }
    for number in 0..<3000 as Range<UInt64> {
      let priority = PriorityClass.allCases.randomElement(using: &generator) ?? .idle
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1, 2:
        queue.insert(flight(number), priority)
        model.append((number, priority))
      case 3:
        #expect(queue.next(mayStart: { _ in true })?.rawValue == order().first)
        if let first = order().first { model.removeAll { $0.flight == first } }
      case 4:
        guard let index = model.indices.randomElement(using: &generator) else { continue }
        queue.remove(flight(model.remove(at: index).flight))
      default:
        guard let index = model.indices.randomElement(using: &generator) else { continue }
        model[index].priority = priority
        queue.move(flight(model[index].flight), to: priority)
      }
      #expect(queue.count == model.count)
    }
    #expect(queue.ordered.map(\.rawValue) == order())
    #expect(drained(queue) == order())
  }
}
