import Figures
import LoadGenerator
import Peers

/// Hits with one core and with all. promptd has an event loop for each core, two at least, and no
/// setting for it, so that the cores are what can be varied.
struct LoopScaling: RowGroup {
  static let name = "cores"

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    var settings = PromptdSettings(upstream: try bench.upstream())
    let all = try bench.promptd(settings)
    defer { all.end() }
    settings.core = 0
    let one: Promptd
    do {
      one = try bench.promptd(settings)
    } catch PeerError.notInstalled(let program) {
      return bench.leaveOut("hits on one core", PeerError.notInstalled(program))
    }
    defer { one.end() }
    let requests = try Prompts().calls(bench.freshSeeds(HitGroup.bodies))
    for daemon in [all, one] { try bench.warm(daemon.endpoint, requests) }
    for depth in [1, 16] {
      let rounds = try Rounds(
        bench.rounds,
        ours: { try bench.rate(all.endpoint, requests, depth: depth) },
        yardstick: { try bench.rate(one.endpoint, requests, depth: depth) })
      show(
        Row("hit, all cores ÷ promptd on one core, \(depth) in flight", "/s", rounds, .ratio))
    }
  }
}
