import Figures
import LoadGenerator
import Peers

/// From a start to READY=1, and how fast what lies on disk is found.
struct StartGroup: RowGroup {
  static let name = "start"
  /// Answers on disk.
  var entries: Int

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let empty = try Rounds(bench.rounds, ours: { try start(bench, PromptdSettings()) })
    show(Row("start to READY, empty cache", "ms", empty, .value, .atMost(60)))
    var settings = PromptdSettings()
    settings.cacheFile = try bench.filledCache(entries)
    settings.isReplay = true
    // The first start after the file was written finishes what SQLite put off.
    _ = try start(bench, settings)
    let full = try Rounds(bench.rounds, ours: { try start(bench, settings) })
    show(Row("start to READY, \(entries) answers on disk", "ms", full, .value, .atMost(80)))
    let latency = try Rounds(bench.rounds, ours: { try diskHit(bench, settings) })
    show(
      Row(
        "hit from disk, one at a time, of \(entries), p50", "µs", latency, .value, .atMost(150)))
  }

  private func start(_ bench: Bench, _ settings: PromptdSettings) throws -> Double {
    let daemon = try bench.promptd(settings)
    defer { daemon.end() }
    return daemon.readyAfter
  }

  /// Asks for entries that this daemon has not had in memory, spread over the whole file.
  private func diskHit(_ bench: Bench, _ settings: PromptdSettings) throws -> Double {
    let daemon = try bench.promptd(settings)
    defer { daemon.end() }
    let count = min(2000, entries / 2)
    let step = max(1, entries / (count + count / 10))
    let numbers = stride(from: 0, to: entries, by: step).shuffled()
    let requests = try FilledPrompts.calls(numbers)
    var load = Load(daemon.endpoint, requests, .requests(numbers.count * 9 / 10))
    load.warmUp = numbers.count / 10
    return try load.run().checked().latencies.percentile(50)
  }
}
