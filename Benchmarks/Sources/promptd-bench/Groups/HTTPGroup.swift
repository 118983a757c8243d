import Figures
import LoadGenerator
import Peers

/// Answers from memory over HTTP, held against a cache in nginx.
struct HTTPGroup: RowGroup {
  static let name = "http"

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let nginx: Nginx
    do {
      nginx = try bench.nginx()
    } catch PeerError.notInstalled(let program) {
      return bench.leaveOut("hit over HTTP ÷ nginx", PeerError.notInstalled(program))
    }
    let daemon = try bench.promptd(PromptdSettings(upstream: nginx.upstream))
    defer { daemon.end() }
    let seeds = bench.freshSeeds(HitGroup.bodies)
    let requests = try Prompts().bodies(seeds, as: .completions)
    for endpoint in [daemon.endpoint, nginx.cacheEndpoint] {
      try bench.warm(endpoint, requests)
    }
    let rounds = try Rounds(
      bench.rounds,
      ours: { try bench.rate(daemon.endpoint, requests) },
      yardstick: { try bench.rate(nginx.cacheEndpoint, requests) })
    show(
      Row(
        "hit, HTTP, 50 connections ÷ nginx proxy_cache", "/s", rounds, .ratio, .atLeast(1.5)))
  }
}
