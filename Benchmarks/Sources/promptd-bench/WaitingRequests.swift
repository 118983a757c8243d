import LoadGenerator
import Peers

/// Requests that wait in a promptd's queue for as long as this is there.
final class WaitingRequests {
  /// How many of them joined the queue in a second.
  let perSecond: Double
  private let parked: ParkedRequests
  private static let patience = 120

  /// Sends requests to a model of the sandbox that never says a byte, and waits until so many are
  /// in the queue.
  init(_ bench: Bench, _ count: Int, on daemon: Promptd) throws {
    // As many as are called at once do not wait.
    let seeds = bench.freshSeeds(count + PromptdSettings().calls)
    let requests = try Prompts(bytes: 256, model: "sandbox/silent").calls(seeds)
    let begun = MonotonicClock.now()
    parked = try ParkedRequests(requests, to: daemon.endpoint, connections: 10)
    while try DaemonStatus(of: daemon.endpoint).queue.queued < count {
      // Nothing tells when the last one is in the queue; the daemon's end is noticed at once.
      if let status = daemon.process.wait(milliseconds: 10) {
        throw PeerError.ended(
          program: "promptd", status: status, lastWords: daemon.process.lastWords)
      }
      guard MonotonicClock.now() - begun < UInt64(Self.patience) * 1_000_000_000 else {
        throw PeerError.late(program: "a queue of \(count)", seconds: Self.patience)
      }
    }
    perSecond = Double(count) / (Double(MonotonicClock.now() - begun) / 1e9)
  }
}
