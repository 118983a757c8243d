import Figures
import LoadGenerator
import Peers

/// The first chunk of a streamed answer, held against libcurl alone with the same upstream.
struct StreamGroup: RowGroup {
  static let name = "stream"

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let upstream = try bench.sandbox().socket
    let daemon = try bench.promptd(PromptdSettings(upstream: upstream))
    defer { daemon.end() }
    var prompts = Prompts(model: "sandbox/echo")
    prompts.isStreamed = true
    // Few words, so that what is measured is the way and not the making of chunks.
    prompts.bytes = 256
    let body = Array(prompts.body(0).utf8)
    let count = Int(bench.seconds * 400)
    let lines = try Rounds(
      bench.rounds,
      ours: { try firstChunk(bench, daemon, .streamedLines, prompts, count) },
      yardstick: { try alone(bench, body, upstream, count) })
    show(Row("first chunk of a stream, lines, added p50", "µs", lines, .difference, .atMost(100)))
    let events = try Rounds(
      bench.rounds,
      ours: { try firstChunk(bench, daemon, .completions, prompts, count) },
      yardstick: { try alone(bench, body, upstream, count) })
    show(Row("first chunk of a stream, HTTP, added p50", "µs", events, .difference, .atMost(100)))
  }

  private func firstChunk(
    _ bench: Bench, _ daemon: Promptd, _ dialect: Dialect, _ prompts: Prompts, _ count: Int
  ) throws -> Double {
    let seeds = bench.freshSeeds(count + count / 10)
    let requests =
      dialect == .streamedLines
      ? try prompts.calls(seeds, as: dialect) : try prompts.bodies(seeds, as: dialect)
    var load = Load(daemon.endpoint, requests, .requests(count))
    load.warmUp = count / 10
    return try load.run().checked().firstChunks.percentile(50)
  }

  private func alone(
    _ bench: Bench, _ body: [UInt8], _ upstream: String, _ count: Int
  ) throws -> Double {
    try FloorCalls.run(body, to: upstream, calls: count, atATime: 1, in: bench.workspace)
      .firstByteMedian
  }
}
