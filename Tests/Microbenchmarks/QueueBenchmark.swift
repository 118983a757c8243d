import Glibc
import JSON
import PromptCore
import PromptProtocol

/// A hundred thousand requests that wait, in the broker's own state: what each step of theirs costs.
struct QueueBenchmark {
  var requests: Int
  var clients: Int

  /// Submits all, starts a tenth, ends these for as many others, cancels as many; in microseconds
  /// each, and bytes each in memory.
  func run() throws -> [Figure] {
    var policy = UpstreamPolicy(name: "a")
    policy.maxConcurrent = requests / 10
    var rules = BrokerState.Rules()
    rules.queue.maxQueued = 2 * requests
    rules.queue.maxWait = .seconds(1_000_000)
    var state = BrokerState(lanes: [Lane(policy: policy, origin: "o")], rules: rules)
    let ids = (0..<clients).map { state.admit(ClientTerms(name: "client \($0)")) }
    // One body for all, so that what is measured is what stands beside it.
    let body = [UInt8](repeating: UInt8(ascii: "x"), count: 512)
    let rule = try JSONParser().withDocument(
      of: #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#.utf8
    ) { StorageRule(try ChatBody($0).root) }
    _ = state.paused(0, true, now: .at(0))
    var running: [FlightID] = []
    var figures: [Figure] = []

    let before = Self.residentBytes
    var actions: [BrokerAction] = []
    figures.append(
      Figure.each("submit", requests) {
        for number in 0..<requests {
          let request = request(number, ids[number % clients], body, rule)
          actions = state.arrived(request)
          Self.note(actions, &running)
        }
      })
    let bytes = Double(Self.residentBytes - before) / Double(requests)
    figures.append(Figure(what: "memory, beside the body", value: bytes, unit: "B"))

    let outcome = AnswerOutcome.completed(CompletedAnswer(completion: Array("{}".utf8)))
    let rounds = requests / 10
    var time: Int64 = 1_000_000
    figures.append(
      Figure.each("start", rounds) {
        Self.note(state.paused(0, false, now: .at(time)), &running)
      })
    figures.append(
      Figure.each("end and start the next", rounds) {
        for _ in 0..<rounds {
          guard let flight = running.popLast() else { return }
          time += 1
          Self.note(state.callEnded(flight, outcome, now: .at(time)), &running)
        }
      })

    // How long calls take is known by now, so that each is told how long it would wait; and with several
    // event loops some have come a little before the last.
    let late = requests / 10
    figures.append(
      Figure.each("submit, a little out of order", late) {
        for number in requests..<requests + late {
          let place = ids[number % clients]
          Self.note(
            state.arrived(request(number, place, body, rule, at: number ^ 7)), &running)
        }
      })

    var generator = SystemRandomNumberGenerator()
    let leaving = (0..<rounds).map { _ in
      Self.id(Int.random(in: 0..<requests, using: &generator))
    }
    figures.append(
      Figure.each("cancel", rounds) {
        for request in leaving { Self.note(state.left(request, now: .at(time)), &running) }
      })
    return figures
  }

  private func request(
    _ number: Int, _ client: ClientID, _ body: [UInt8], _ rule: StorageRule, at time: Int? = nil
  ) -> ChatRequest {
    let priority = PriorityClass(rawValue: number % PriorityClass.allCases.count) ?? .normal
    let digest = Digest(words: (UInt64(number), 1, 2, 3))
    return ChatRequest(
      id: Self.id(number), keys: CacheKeys(key: digest, variant: digest), model: "m",
      client: "client", asker: Asker(), account: client, priority: priority, control: .bypass,
      options: RequestOptions(), streams: false, includesUsage: false, body: body,
      size: RequestSize(promptTokens: 100, maxTokens: number % 1000), storage: rule,
      canonical: nil, arrived: .at(Int64(time ?? number)))
  }

  private static func id(_ number: Int) -> RequestID {
    RequestID(milliseconds: UInt64(number), random: (0, UInt64(number)))
  }

  private static func note(_ actions: [BrokerAction], _ running: inout [FlightID]) {
    for case .start(let flight, _, _, _) in actions { running.append(flight) }
  }

  /// What the kernel says that this process holds in memory (proc(5), statm).
  private static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let text = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

extension Moment {
  /// So many milliseconds after some start.
  fileprivate static func at(_ milliseconds: Int64) -> Moment {
    Moment(
      monotonic: MonotonicTime(nanoseconds: milliseconds * 1_000_000), wall: milliseconds)
  }
}
