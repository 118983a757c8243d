import PromptCore
import PromptProtocol
import TestSupport
import Testing

/// What people may count on, shown by whole days of traffic.
@Suite struct QueueSimulationTests {
  @Test func theUrgentIsNextBehindTenThousandLowOnes() throws {
    var day = Simulation()
    day.length = { _ in 0.01 }
    let (batch, person) = (day.client("batch"), day.client("person"))
    for _ in 0..<10_000 { try day.arrive(batch, .low, at: 0) }
    var urgent: Set<RequestID> = []
    // They come while a slot is taken, and each is next at the slot that is freed then.
    for number in 0..<50 {
      urgent.insert(try day.arrive(person, .urgent, at: 0.005 + Double(number)))
    }
    day.run(until: 60)
    for (index, start) in day.starts.enumerated() where urgent.contains(start.request) {
      let arrived = (start.time - 0.005).rounded()
      #expect(start.time - arrived < 0.011)
      #expect(index > 0)
    }
    #expect(urgent.isSubset(of: day.starts.map(\.request)))
  }

  @Test func threeRequestsAreNotBuriedByAThousand() throws {
    var day = Simulation()
    let (many, few) = (day.client("a"), day.client("b"))
    for _ in 0..<1000 { try day.arrive(many, at: 0) }
    day.run(until: 100.5)
    let before = day.starts.count
    for _ in 0..<3 { try day.arrive(few) }
    day.run(until: 120)
    let last = try #require(day.starts.lastIndex { $0.client == few })
    #expect(last - before < 7)
    #expect(day.starts.count { $0.client == few } == 3)
  }

  @Test func aWeightOfThreeGetsThreeQuarters() throws {
    var day = Simulation(slots: 4)
    let (light, heavy) = (day.client("light"), day.client("heavy", weight: 3))
    for _ in 0..<2000 { try day.arrive(light, at: 0) }
    for _ in 0..<2000 { try day.arrive(heavy, at: 0) }
    day.run(until: 400)
    let share = Double(day.starts.count { $0.client == heavy }) / Double(day.starts.count)
    #expect((0.74...0.76).contains(share))
  }

  @Test func lowRequestsStartUnderAnEndlessStreamOfNormalOnes() throws {
    var day = Simulation()
    let (batch, people) = (day.client("batch"), day.client("people"))
    // Twice as many as the slot can take, for ten minutes.
    for number in 0..<1200 { try day.arrive(people, at: Double(number) / 2) }
    let low = try day.arrive(batch, .low, at: 5)
    day.run(until: 600)
    let start = try #require(day.starts.first { $0.request == low })
    #expect(start.time - 5 <= 2 * 60 + 1)
  }

  @Test func aLongBatchDelaysANewRequestByOneOfItsOwnAtMost() throws {
    var day = Simulation()
    let (batch, people) = (day.client("batch"), day.client("people"))
    for _ in 0..<50_000 { try day.arrive(batch, .low, at: 0) }
    // By now waiting has lifted the batch's oldest, again and again.
    for number in 0..<60 {
      let time = 600.5 + Double(number) * 20
      let request = try day.arrive(people, at: time)
      day.run(until: time + 15)
      let place = try #require(day.starts.firstIndex { $0.request == request })
      let ahead = day.starts[..<place].count { $0.client == batch && $0.time > time }
      #expect(ahead <= 1)
    }
  }

  @Test func hugePromptsTakeNoMoreThanTheirShareOfTokens() throws {
    var day = Simulation(slots: 2)
    let (huge, small) = (day.client("huge"), day.client("small"))
    for _ in 0..<200 { try day.arrive(huge, at: 0, tokens: 20_000) }
    for _ in 0..<4000 { try day.arrive(small, at: 0, tokens: 1000) }
    day.run(until: 900)
    let taken = day.starts.reduce(into: [ClientID: Int]()) {
      $0[$1.client, default: 0] += $1.tokens
    }
    let share = Double(taken[huge] ?? 0) / Double(taken.values.reduce(0, +))
    #expect((0.48...0.52).contains(share))
  }

  @Test func theUrgentFindsAFreeSlotBesideFiveHundredIdleOnes() throws {
    var day = Simulation(slots: 16)
    day.length = { _ in 30 }
    let (batch, person) = (day.client("batch"), day.client("person"))
    for _ in 0..<500 { try day.arrive(batch, .idle, at: 0) }
    let urgent = try day.arrive(person, .urgent, at: 10)
    day.run(until: 11)
    #expect(day.starts.first { $0.request == urgent }?.time == 10)
    #expect(day.starts.count == 9)
  }

  // MARK: Limits on time

  /// Rules by which everybody waits for as long as it takes.
  private var patient: BrokerState.Rules {
    var rules = BrokerState.Rules()
    rules.queue.maxWait = .seconds(86_400)
    return rules
  }

  /// The most that any sliding minute held.
  private func mostInAMinute(_ starts: [Simulation.Start], _ amount: (Simulation.Start) -> Int)
    -> Int
  {
    var (most, sum, first) = (0, 0, 0)
    for start in starts {
      sum += amount(start)
      while starts[first].at.advanced(seconds: 60) <= start.at {
        sum -= amount(starts[first])
        first += 1
      }
      most = max(most, sum)
    }
    return most
  }

  @Test func requestsAMinuteAreNeverExceededAndAreUsed() throws {
    var day = Simulation(slots: 50) { $0.requestsPerMinute = 90 }
    day.length = { Double($0.scattered & 7) / 4 }
    let client = day.client("a")
    var generator = SplitMix(seed: 1)
    for _ in 0..<3000 {
      try day.arrive(client, at: Double.random(in: 0...1200, using: &generator))
    }
    day.run(until: 1200)
    #expect(mostInAMinute(day.starts) { _ in 1 } <= 90)
    #expect(Double(day.starts.count) >= 0.98 * 90 * 20)
  }

  @Test func tokensAMinuteAreNeverExceededAndAreUsed() throws {
    var day = Simulation(slots: 50, rules: patient) { $0.tokensPerMinute = 100_000 }
    let client = day.client("a")
    var generator = SplitMix(seed: 2)
    for _ in 0..<3000 {
      let tokens = Int.random(in: 100...1900, using: &generator)
      try day.arrive(client, at: 0, tokens: tokens)
    }
    day.run(until: 1200)
    #expect(mostInAMinute(day.starts, \.tokens) <= 100_000)
    #expect(day.starts.reduce(0) { $0 + $1.tokens } >= Int(0.98 * 100_000 * 20))
  }

  @Test func theLimitsOfAClientHoldBackThatClientAlone() throws {
    var day = Simulation(slots: 4)
    var limits = ClientLimits()
    limits.requestsPerMinute = 10
    limits.maxInFlight = 1
    let (limited, free) = (day.client("limited", limits: limits), day.client("free"))
    for _ in 0..<500 { try day.arrive(limited, .high, at: 0) }
    for _ in 0..<2000 { try day.arrive(free, at: 0) }
    day.run(until: 299)
    let own = day.starts.filter { $0.client == limited }
    #expect(mostInAMinute(own) { _ in 1 } == 10)
    #expect(own.count == 50)
    for (one, next) in zip(own, own.dropFirst()) { #expect(next.time - one.time >= 1) }
    #expect(day.starts.count > 4 * 295)
  }

  // MARK: Expectations

  @Test(arguments: [0, 90])
  func theTimeThatIsToldIsTrueUnderASteadyLoad(requestsPerMinute: Int) throws {
    var day = Simulation(slots: 4) {
      $0.requestsPerMinute = requestsPerMinute == 0 ? nil : requestsPerMinute
    }
    var generator = SplitMix(seed: 3)
    let lengths = (0..<4000).map { _ in Double.random(in: 0.5...3.5, using: &generator) }
    day.length = { lengths[$0.scattered % lengths.count] }
    let clients = (0..<4).map { day.client("client \($0)") }
    var options = RequestOptions()
    options.events = true
    var wanted: [RequestID] = []
    // As many come as go: the queue stays about as long.
    let rate = requestsPerMinute == 0 ? 2.0 : Double(requestsPerMinute) / 60
    for _ in 0..<60 { for client in clients { try day.arrive(client, at: 0) } }
    for number in 0..<Int(600 * rate) {
      let time = 30 + Double(number) / rate
      wanted.append(try day.arrive(clients[number % 4], at: time, options: options))
    }
    day.run(until: 2000)
    var errors: [Double] = []
    for request in wanted.dropFirst(50) {
      guard case .queued(_, let eta?)? = day.events[request]?.first,
        let start = day.starts.first(where: { $0.request == request })
      else { continue }
      let arrived = 30 + Double(wanted.firstIndex(of: request) ?? 0) / rate
      let waited = start.time - arrived
      errors.append(abs(Double(eta) / 1000 - waited) / waited)
    }
    #expect(errors.count > 500)
    // Nine of ten, since one call more or less is much for who waits for two.
    #expect(errors.sorted()[errors.count * 9 / 10] <= 0.25)
  }

  @Test func whoComesBackWhenToldIsLetIn() throws {
    var rules = BrokerState.Rules()
    rules.queue.maxQueued = 50
    var day = Simulation(slots: 4, rules: rules)
    let clients = (0..<10).map { day.client("client \($0)") }
    var generator = SplitMix(seed: 4)
    // Each client keeps ten requests under way, which is more than there is room for.
    struct Plan {
      var client: ClientID
      var question: UInt64
      var time: Double
      var wasTold = false
    }
    var questions: UInt64 = 0
    func plan(_ client: ClientID, at time: Double) -> Plan {
      questions += 1
      return Plan(client: client, question: questions, time: time)
    }
    var plans = clients.flatMap { client in (0..<10).map { plan(client, at: 0.01 * Double($0)) } }
    var (admitted, refused) = (0, 0)
    var open: [RequestID: Plan] = [:]
    while day.seconds < 900 {
      for plan in plans {
        open[try day.arrive(plan.client, at: plan.time, asks: plan.question)] = plan
      }
      plans = []
      day.step()
      for (request, plan) in open {
        guard let reply = day.replies[request] else { continue }
        open[request] = nil
        var next = plan
        switch reply {
        case .failure(let error):
          #expect(error.name == .queueFull)
          if plan.wasTold { refused += 1 }
          let late = Double.random(in: 0...0.5, using: &generator)
          next.time = day.seconds + (error.info.retryAfter ?? 0) + late
          next.wasTold = true
        case .answer:
          if plan.wasTold { admitted += 1 }
          questions += 1
          next = Plan(client: plan.client, question: questions, time: day.seconds)
        }
        plans.append(next)
      }
    }
    #expect(admitted > 1000)
    #expect(Double(admitted) >= 0.95 * Double(admitted + refused))
  }

  @Test func whatWouldWaitTooLongIsRefusedAtOnce() throws {
    var day = Simulation()
    let client = day.client("a")
    for _ in 0..<20 { try day.arrive(client, at: 0) }
    var options = RequestOptions()
    options.maxWait = 5
    let hopeless = try day.arrive(client, at: 3.5, options: options)
    options.maxWait = 60
    let patient = try day.arrive(client, at: 3.5, options: options)
    day.run(until: 4)
    guard case .failure(let error)? = day.replies[hopeless] else {
      Issue.record("it waits")
      return
    }
    #expect(error.name == .queueFull)
    // Seventeen wait for a second each, five of which it would have waited for.
    #expect(error.info.retryAfter == 12)
    #expect(day.replies[patient] == nil)
  }
}
