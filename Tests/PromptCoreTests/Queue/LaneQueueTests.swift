import PromptCore
import PromptProtocol
import TestSupport
import Testing

@Suite struct LaneQueueTests {
  /// A queue in which each flight comes a millisecond after the one before.
  private func queue(_ classes: PriorityClass...) -> LaneQueue {
    var queue = LaneQueue()
    for (index, priority) in classes.enumerated() {
      queue.add(UInt64(index), priority, at: Int64(index))
    }
    return queue
  }

  @Test func theBestClassComesFirstAndWithinItWhoCameFirst() {
    var queue = queue(.low, .urgent, .normal, .urgent, .idle, .high)
    #expect(queue.ordered(now: .seconds(0)).map(\.number) == [1, 3, 5, 2, 0, 4])
    #expect(queue.drain(at: .seconds(0)) == [1, 3, 5, 2, 0, 4])
  }

  @Test func aClassThatMayNotStartLetsTheNextOneGo() {
    var queue = queue(.low, .high, .low)
    #expect(queue.start(at: .seconds(0)) { $0 == .low } == 0)
    #expect(queue.start(at: .seconds(0)) { $0 == .idle } == nil)
    #expect(queue.count == 2)
  }

  @Test func whoIsPutInAgainKeepsThePlaceThatItsArrivalGives() {
    var queue = queue(.low, .normal, .normal)
    queue.add(0, .normal, at: 0)
    #expect(queue.count == 3)
    #expect(queue.drain(at: .seconds(0)) == [0, 1, 2])
  }

  @Test func whoIsTakenOutIsNotFoundAgain() {
    var queue = queue(.normal, .normal)
    queue.remove(.number(0), now: .seconds(0))
    queue.remove(.number(0), now: .seconds(0))
    #expect(queue.count == 1)
    #expect(queue.counts[.normal] == 1)
    #expect(queue.drain(at: .seconds(0)) == [1])
  }

  // MARK: Fairness

  @Test func clientsTakeTurnsWhateverTheyHaveWaiting() {
    var queue = LaneQueue()
    for number in 0..<6 as Range<UInt64> { queue.add(number, .normal, client: 1, at: 0) }
    for number in 6..<9 as Range<UInt64> { queue.add(number, .normal, client: 2, at: 1) }
    #expect(queue.drain(at: .seconds(0)) == [0, 6, 1, 7, 2, 8, 3, 4, 5])
  }

  @Test func aWeightOfThreeIsThreeTurns() {
    var queue = LaneQueue()
    for number in 0..<40 as Range<UInt64> { queue.add(number, .normal, client: 1, at: 0) }
    for number in 40..<80 as Range<UInt64> {
      queue.add(number, .normal, client: 2, weight: 3, at: 0)
    }
    let first = (0..<40).compactMap { _ in queue.start(at: .seconds(0)) }
    #expect(first.count { $0 >= 40 } == 30)
  }

  @Test func hugeRequestsAreFewTurns() {
    var queue = LaneQueue()
    for number in 0..<10 as Range<UInt64> {
      queue.add(number, .normal, client: 1, tokens: 9000, at: 0)
    }
    for number in 10..<100 as Range<UInt64> {
      queue.add(number, .normal, client: 2, tokens: 1000, at: 0)
    }
    let first = (0..<50).compactMap { _ in queue.start(at: .seconds(0)) }
    #expect(first.count { $0 < 10 } == 5)
  }

  @Test func whoWasHeldBackSavesUpNoTurns() {
    var queue = LaneQueue()
    for number in 0..<20 as Range<UInt64> { queue.add(number, .normal, client: 1, at: 0) }
    for number in 20..<40 as Range<UInt64> { queue.add(number, .normal, client: 2, at: 0) }
    // Client 1 may not start for ten turns.
    for _ in 0..<10 {
      let next = queue.start(at: .seconds(0)) { client, _ in
        client.rawValue == 1 ? .untilReleased : nil
      }
      #expect(next.map { $0 >= 20 } == true)
    }
    let then = (0..<10).compactMap { _ in queue.start(at: .seconds(0)) }
    #expect((4...6).contains(then.count { $0 < 20 }))
  }

  @Test func whoMayNotStartYetSaysWhen() {
    var queue = queue(.normal)
    let hindered = queue.pick(now: .seconds(0), open: { _ in true }) { _, _ in .until(.seconds(9)) }
    #expect(hindered == LaneQueue.Pick(opens: .seconds(9)))
    let barred = queue.pick(now: .seconds(0), open: { _ in true }) { _, _ in .untilReleased }
    #expect(barred == LaneQueue.Pick())
    #expect(queue.start(at: .seconds(0)) == 0)
  }

  // MARK: Ageing

  @Test func waitingLiftsTheOldestOfEachClientAlone() {
    var queue = LaneQueue()
    queue.add(0, .low, client: 1, at: 0)
    queue.add(1, .low, client: 1, at: 0)
    queue.add(2, .normal, client: 2, at: 61_000)
    queue.add(3, .normal, client: 2, at: 61_000)
    // Lifted to normal, it came first there.
    #expect(queue.ordered(now: .seconds(61)).map(\.number) == [0, 2, 3, 1])
    #expect(queue.start(at: .seconds(61)) == 0)
    // The next of its client is the oldest only from now on.
    #expect(queue.start(at: .seconds(62)) == 2)
    #expect(queue.ordered(now: .seconds(120)).map(\.number) == [3, 1])
    #expect(queue.ordered(now: .seconds(182)).map(\.number) == [1, 3])
  }

  @Test func whoIsMovedIsAsOldAsBefore() {
    var queue = LaneQueue()
    queue.add(0, .low, client: 1, at: 0)
    queue.add(1, .high, client: 2, at: 119_000)
    // Two steps have lifted it to high, and from normal one step would.
    queue.insert(
      .number(0),
      .init(client: ClientID(rawValue: 1), priority: .normal, arrived: .seconds(0), tokens: 100),
      weight: 1, now: .seconds(120))
    #expect(queue.ordered(now: .seconds(120)).map(\.number) == [0, 1])
  }

  @Test func nobodyIsLiftedAboveHigh() {
    var queue = LaneQueue()
    queue.add(0, .idle, client: 1, at: 0)
    queue.add(1, .urgent, client: 2, at: 86_400_000)
    queue.add(2, .high, client: 2, at: 86_400_000)
    #expect(queue.drain(at: .seconds(86_400)) == [1, 0, 2])
  }

  @Test func aLiftedRequestStillCountsByItsOwnClass() {
    var queue = LaneQueue()
    queue.add(0, .low, client: 1, at: 0)
    queue.add(1, .normal, client: 1, at: 1)
    #expect(queue.start(at: .seconds(300)) { $0 != .low } == 1)
    #expect(queue.start(at: .seconds(300)) { $0 != .low } == nil)
    #expect(queue.start(at: .seconds(300)) == 0)
  }

  // MARK: Places

  @Test func everyPlaceIsThatInTheOrder() {
    var queue = queue(.low, .urgent, .normal, .urgent, .idle, .high)
    queue.add(0, .normal, at: 0)
    for number in 6..<30 as Range<UInt64> {
      queue.add(number, .normal, client: Int(number % 5), at: Int64(number))
    }
    for (index, request) in queue.ordered(now: .seconds(1)).enumerated() {
      #expect(queue.position(of: request) == index + 1)
    }
    #expect(queue.position(of: .number(99)) == nil)
  }

  @Test func whoWaitsForTheSameCallIsAPlaceOfItsOwnButCountsOnce() {
    var queue = queue(.normal, .normal, .normal)
    queue.add(3, .normal, counts: false, at: 3)
    queue.add(4, .normal, client: 2, counts: false, at: 4)
    queue.add(5, .normal, at: 5)
    #expect(queue.count == 4)
    #expect(queue.counts[.normal] == 4)
    #expect(queue.tokens == 400)
    #expect(queue.position(of: .number(5)) == 4)
    #expect(queue.position(of: .number(4)) == 2)
    let order = queue.ordered(now: .seconds(1)) { $0.number == 4 ? [.number(0), .number(3)] : [] }
    #expect(order.map(\.number) == [0, 4, 1, 2, 5])
    queue.setCounts(false, .number(0))
    queue.setCounts(true, .number(4))
    #expect(queue.position(of: .number(5)) == 4)
    #expect(queue.start(at: .seconds(1)) == 0)
    #expect(queue.count == 4)
    for other in [3, 4] as [UInt64] { queue.remove(.number(other), now: .seconds(1)) }
    #expect(queue.count == 3)
    #expect(queue.drain(at: .seconds(1)) == [1, 2, 5])
    #expect(queue.count == 0 && queue.tokens == 0)
  }

  // MARK: Whatever is done

  /// The queue is the list of those who wait, by class and then by arrival.
  @Test func itAgreesWithASortedList() {
    var queue = LaneQueue()
    var model: [(request: UInt64, priority: PriorityClass)] = []
    var generator = SplitMix(seed: 42)
    func order() -> [UInt64] {
      // Requests count up as they come, so that among equals the number is the order.
      model.sorted { ($1.priority, $0.request) < ($0.priority, $1.request) }.map(\.request)
    }
    for number in 0..<3000 as Range<UInt64> {
      let priority = PriorityClass.allCases.randomElement(using: &generator) ?? .idle
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1, 2:
        queue.add(number, priority, at: Int64(number))
        model.append((number, priority))
      case 3:
        #expect(queue.start(at: .seconds(0)) == order().first)
        if let first = order().first { model.removeAll { $0.request == first } }
      case 4:
        guard let index = model.indices.randomElement(using: &generator) else { continue }
        queue.remove(.number(model.remove(at: index).request), now: .seconds(0))
      default:
        guard let index = model.indices.randomElement(using: &generator) else { continue }
        model[index].priority = priority
        queue.add(model[index].request, priority, at: Int64(model[index].request))
      }
      #expect(queue.count == model.count)
    }
    #expect(queue.ordered(now: .seconds(0)).map(\.number) == order())
    #expect(queue.drain(at: .seconds(0)) == order())
    #expect(queue.tokens == 0)
  }
}
