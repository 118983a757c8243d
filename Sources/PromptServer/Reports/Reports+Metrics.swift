import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

extension Reports {
  /// Everything that is counted, as OpenMetrics.
  func metrics(now: Moment) -> [UInt8] {
    let figures = broker.look(\.figures)
    var page = MetricsPage()
    page.add(
      "promptd_build", .info, "The version of promptd.",
      [([("version", ProtocolVersion.program)], 1)])
    page.add(
      "promptd_uptime_seconds", .gauge, "How long promptd has been serving.", unit: "seconds",
      uptime(now))
    page.add("promptd_connections", .gauge, "Open connections.", gate.count)
    page.add(
      "promptd_buffered_bytes", .gauge,
      "Half-read lines, queued bodies and unread replies, of max_buffered.", unit: "bytes",
      buffers.bytes)
    page.add(
      "promptd_log_dropped", .counter, "Log entries that found no room.", droppedLogEntries())
    addProcess(to: &page)
    addClients(to: &page)
    addAnswers(to: &page)
    addTimes(to: &page)
    addQueue(figures, now: now, to: &page)
    addCache(figures.tally, to: &page)
    return page.bytes
  }

  /// The result of the method `metrics`.
  func metricsResult(now: Moment) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.name("openmetrics")
      $0.string(utf8: metrics(now: now))
    }
    return writer.bytes
  }

  /// What `/healthz` says.
  func health() -> (isServing: Bool, json: [UInt8]) {
    let isServing = !broker.look(\.isStopping)
    var writer = JSONWriter()
    writer.object {
      $0.member("status", isServing ? "serving" : "stopping")
      $0.member("version", ProtocolVersion.program)
    }
    return (isServing, writer.bytes)
  }

  private func addProcess(to page: inout MetricsPage) {
    let process = ProcessFigures()
    page.add(
      "process_resident_memory_bytes", .gauge, "Resident memory.", unit: "bytes", process.memory)
    page.add("process_open_fds", .gauge, "Open descriptors.", process.descriptors)
    page.add("process_max_fds", .gauge, "Descriptors that may be open.", process.descriptorLimit)
    page.add(
      "process_cpu_seconds", .counter, "Processor time since the start.", unit: "seconds",
      seconds: process.processorTime)
  }

  /// By upstream alone: histograms are long, and clients and models may be many.
  private func addTimes(to page: inout MetricsPage) {
    let all = times.all
    func samples(
      _ value: KeyPath<CallTimesKeeper.Times, Histogram>
    ) -> [(labels: [(String, String)], value: Histogram)] {
      all.map { ([("upstream", $0.upstream)], $0.times[keyPath: value]) }
    }
    page.add("promptd_queue_wait_seconds", "How long calls waited for a slot.", samples(\.queued))
    page.add(
      "promptd_upstream_first_byte_seconds", "From the start of a call to its first byte.",
      samples(\.firstByte))
    page.add("promptd_upstream_call_seconds", "How long calls took.", samples(\.whole))
    page.add(
      "promptd_upstream_tokens", .counter, "Tokens, as the upstream counts them.",
      all.flatMap {
        [
          ([("upstream", $0.upstream), ("direction", "in")], $0.times.tokensIn),
          ([("upstream", $0.upstream), ("direction", "out")], $0.times.tokensOut),
        ]
      })
  }

  private func addClients(to page: inout MetricsPage) {
    let clients = clients.all
    func samples(_ value: (ClientRecord.Figures) -> Int) -> [([(String, String)], Int)] {
      clients.map { ([("client", $0.name)], value($0.figures)) }
    }
    page.add("promptd_requests", .counter, "Chat requests.", samples(\.requests))
    page.add("promptd_hits", .counter, "Requests answered from the cache.", samples(\.hits))
    page.add("promptd_errors", .counter, "Errors that went out.", samples(\.errors))
  }

  /// Bounded for each client, however many models it asks for.
  private func addAnswers(to page: inout MetricsPage) {
    let counts = usage.answers().counts.sorted { $0.key < $1.key }
    page.add(
      "promptd_answers", .counter,
      "Answers that went out; models past a client's first \(AnswerCounts.mostModels) are "
        + "\(AnswerCounts.other).",
      counts.map { key, count in
        (
          [
            ("client", key.client), ("class", key.priority.name), ("model", key.model),
            ("outcome", key.outcome.rawValue),
          ], count
        )
      })
  }

  private func addQueue(_ figures: BrokerFigures, now: Moment, to page: inout MetricsPage) {
    page.add(
      "promptd_queued", .gauge, "Flights that wait for a slot.",
      PriorityClass.allCases.map { ([("class", $0.name)], figures.queuedByClass[$0]) })
    page.add(
      "promptd_retrying", .gauge, "Flights that rest before a further try.", figures.retrying)
    let upstreams = Dictionary(grouping: figures.lanes, by: \.policy.name)
      .sorted { $0.key < $1.key }
    // Another address under a name is the same upstream here, and what it has done stays counted.
    func samples(_ value: ([BrokerFigures.Lane]) -> Int) -> [([(String, String)], Int)] {
      upstreams.map { ([("upstream", $0.key)], value($0.value)) }
    }
    func sum(_ value: KeyPath<BrokerFigures.Lane, Int>) -> [([(String, String)], Int)] {
      samples { $0.reduce(0) { $0 + $1[keyPath: value] } }
    }
    page.add("promptd_upstream_running", .gauge, "Calls under way.", sum(\.running))
    page.add(
      "promptd_upstream_queued", .gauge, "Flights that wait for an upstream.", sum(\.queued))
    page.add(
      "promptd_upstream_paused", .gauge, "Whether the upstream is kept from starting calls.",
      samples { $0.contains(where: \.isPaused) ? 1 : 0 })
    page.add(
      "promptd_upstream_up", .gauge,
      "Whether calls to the upstream are made: not while it fails, or has asked for a pause.",
      samples { lanes in
        lanes.contains { !$0.isRetired && $0.health.condition(now: now.monotonic) == .serving }
          ? 1 : 0
      })
    page.add(
      "promptd_upstream_calls", .counter, "Calls that were begun, further tries too.",
      sum(\.health.calls))
    page.add(
      "promptd_upstream_retries", .counter, "Calls that failed and were tried again.",
      sum(\.health.retries))
    page.add(
      "promptd_upstream_pauses", .counter, "Pauses that the upstream asked for.",
      sum(\.health.pauses))
  }

  private func addCache(_ tally: Tally, to page: inout MetricsPage) {
    let memory = memory.figures
    let disk = store.statistics()
    page.add(
      "promptd_cache_bytes", .gauge, "What answers take.", unit: "bytes",
      [([("tier", "memory")], memory.bytes), ([("tier", "disk")], disk.bytes)])
    page.add(
      "promptd_cache_entries", .gauge, "Answers that are kept.",
      [([("tier", "memory")], memory.entries), ([("tier", "disk")], disk.entries)])
    page.add(
      "promptd_cache_evictions", .counter, "Answers that made room for others.",
      [([("tier", "memory")], memory.evictions), ([("tier", "disk")], disk.evicted)])
    page.add(
      "promptd_cache_lost", .counter, "Answers that did not get to the disk.",
      [([("reason", "full")], disk.overflowed), ([("reason", "fault")], disk.lost)])
    page.add(
      "promptd_store_faults", .counter, "How often a file of promptd's could not be used.",
      [([("file", "answers")], disk.faults)]
        + files.map { ([("file", $0.name.description)], $0.health.faults) })
    page.add("promptd_cache_misses", .counter, "Requests that a call was made for.", tally.misses)
    page.add("promptd_cache_joins", .counter, "Requests that shared a call.", tally.joined)
    page.add("promptd_cache_stored", .counter, "Answers that were kept.", tally.stored)
    page.add(
      "promptd_cache_not_stored", .counter, "Answers that were not kept.",
      NotStored.allCases.map { ([("reason", $0.rawValue)], tally.notStored[$0] ?? 0) })
    page.add("promptd_cache_disk_hits", .counter, "Answers found on disk.", tally.diskHits)
  }
}
