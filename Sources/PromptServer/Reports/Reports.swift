import Glibc
import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

/// What promptd says of itself: the results of `ping`, `status` and `cache.stats`.
struct Reports: Sendable {
  /// The path of the socket.
  let socket: String
  /// The most that answers on disk may take, in bytes.
  let diskLimit: Int
  let broker: Broker
  let memory: AnswerMemory
  let store: SQLiteAnswerStore
  let usage: UsageKeeper
  /// Files of promptd's own beside the answers, by what is in them.
  let files: [(name: StaticString, health: StoreHealth)]
  let times: CallTimesKeeper
  let clients: ClientRegistry
  let gate: ConnectionGate
  let buffers: BufferLedger
  /// Log entries that found no room so far.
  let droppedLogEntries: @Sendable () -> Int
  let started: Moment

  /// The result of `ping`.
  func ping(client: String, now: Moment) -> [UInt8] {
    object {
      $0.member("version", ProtocolVersion.program)
      $0.member("protocol", ProtocolVersion.current)
      $0.member("client", client)
      $0.member("pid", getpid())
      $0.member("uptime_s", uptime(now))
    }
  }

  /// The result of `cache.stats`.
  func cache() -> [UInt8] {
    let tally = broker.look(\.tally)
    return object { writeCache(tally, to: &$0) }
  }

  /// The result of `status`: one snapshot.
  func status(now: Moment) -> [UInt8] {
    let figures = broker.look(\.figures)
    return object { writer in
      writer.member("version", ProtocolVersion.program)
      writer.member("pid", getpid())
      writer.member("uptime_s", uptime(now))
      writer.member("state", figures.isStopping ? "stopping" : "serving")
      writer.member("socket", socket)
      writer.member("connections", gate.count)
      writer.name("buffers")
      writer.object {
        $0.member("bytes", buffers.bytes)
        $0.member("limit", buffers.limit)
      }
      writer.name("upstreams")
      writer.array { writer in
        for lane in figures.lanes where lane.isInUse { write(lane, now: now, to: &writer) }
      }
      writer.name("queue")
      writer.object { writeQueue(figures, to: &$0) }
      writer.name("cache")
      writer.object { writeCache(figures.tally, to: &$0) }
      writer.name("clients")
      writer.array { writer in
        for client in clients.all { write(client, figures.clients[client.name], to: &writer) }
      }
      writer.name("requests")
      writer.object { writeRequests(figures.tally, to: &$0) }
      writer.name("store")
      writer.object { writer in
        writer.member("state", storeState)
        for (name, health) in files { writer.member(name, Self.state(health.trouble)) }
      }
      writer.name("log")
      writer.object { $0.member("dropped", droppedLogEntries()) }
    }
  }

  /// One line for `systemctl status`.
  func line(now: Moment = SystemClock.now) -> String {
    let figures = broker.look(\.figures)
    let tally = figures.tally
    let hits = memoryHits(tally) + tally.diskHits + tally.joined
    let all = hits + tally.misses
    let rate = all == 0 ? "" : ", \(hits * 100 / all) % hits"
    let upstreams =
      !figures.lanes.contains(where: \.isInUse)
      ? "no upstream"
      : figures.lanes.filter(\.isInUse).map { Self.word(for: $0, now: now) }
        .joined(separator: ", ")
    let verb = figures.isStopping ? "Stopping" : "Serving"
    return "\(verb): \(gate.count) connections, \(figures.running) running, "
      + "\(figures.queued) queued\(rate); \(upstreams)"
  }

  private static func word(for lane: BrokerFigures.Lane, now: Moment) -> String {
    let state = state(of: lane, now: now)
    let name = lane.policy.name + (state == "serving" ? "" : " \(state)")
    return lane.health.isKeyRejected ? "\(name) (key rejected)" : name
  }

  /// How much has happened since promptd began.
  func activity() -> Activity {
    let figures = broker.look(\.figures)
    let clients = clients.all.map(\.figures)
    return Activity(
      requests: clients.reduce(0) { $0 + $1.requests },
      hits: memoryHits(figures.tally) + figures.tally.diskHits + figures.tally.stale,
      joined: figures.tally.joined, misses: figures.tally.misses,
      errors: clients.reduce(0) { $0 + $1.errors },
      calls: figures.lanes.reduce(0) { $0 + $1.health.calls },
      retries: figures.lanes.reduce(0) { $0 + $1.health.retries })
  }

  // MARK: Parts

  private func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    return writer.bytes
  }

  func uptime(_ now: Moment) -> Int {
    now.monotonic.milliseconds(since: started.monotonic) / 1000
  }

  private static func state(of lane: BrokerFigures.Lane, now: Moment) -> String {
    if lane.isRetired { return "retired" }
    return lane.isPaused ? "paused" : lane.health.condition(now: now.monotonic).rawValue
  }

  private func write(_ lane: BrokerFigures.Lane, now: Moment, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("name", lane.policy.name)
      writer.member("base_url", lane.origin)
      writer.name("models")
      writer.array { for model in lane.policy.models { $0.string(model.pattern) } }
      writer.member("state", Self.state(of: lane, now: now))
      if let opens = lane.health.opens(now: now.monotonic) {
        writer.member("retry_in_ms", opens.milliseconds(since: now.monotonic))
      }
      if let trouble = lane.health.trouble { writer.member("trouble", trouble) }
      if lane.health.isKeyRejected { writer.member("key_rejected", true) }
      writer.member("running", lane.running)
      writer.member("max_concurrent", lane.policy.maxConcurrent)
      writer.member("queued", lane.queued)
      if let mean = lane.meanCall { writer.member("mean_ms", Int(min(mean, 1e15).rounded())) }
    }
  }

  private func writeQueue(_ figures: BrokerFigures, to writer: inout JSONWriter) {
    writer.member("queued", figures.queued)
    writer.member("running", figures.running)
    writer.member("retrying", figures.retrying)
    writer.member("max_queued", figures.mostQueued)
    writer.name("by_class")
    writer.object { writer in
      for priority in PriorityClass.allCases.reversed() {
        writer.name(priority.name)
        writer.integer(figures.queuedByClass[priority])
      }
    }
  }

  private func writeRequests(_ tally: Tally, to writer: inout JSONWriter) {
    let clients = clients.all.map(\.figures)
    writer.member("total", clients.reduce(0) { $0 + $1.requests })
    writer.member("hits", memoryHits(tally) + tally.diskHits)
    writer.member("joined", tally.joined)
    writer.member("misses", tally.misses)
    writer.member("errors", clients.reduce(0) { $0 + $1.errors })
  }

  private func write(
    _ client: ClientRecord, _ account: BrokerFigures.Client?, to writer: inout JSONWriter
  ) {
    let figures = client.figures
    writer.object {
      $0.member("name", client.name)
      $0.member("connections", figures.connections)
      $0.member("running", account?.running ?? 0)
      $0.member("queued", account?.queued ?? 0)
      $0.member("requests", figures.requests)
      $0.member("hits", figures.hits)
      $0.member("errors", figures.errors)
      $0.member("tokens_today", account?.spent.tokens ?? 0)
      if let most = account?.limits.tokensPerDay { $0.member("tokens_per_day", most) }
      $0.member("cost_today", account?.spent.cost ?? 0)
      if let most = account?.limits.costPerDay { $0.member("cost_per_day", most) }
    }
  }

  private func memoryHits(_ tally: Tally) -> Int {
    clients.all.reduce(tally.lateHits) { $0 + $1.figures.memoryHits }
  }
}
