/// The calls for completions that a sandbox has seen; other requests are not counted.
package struct CallRecord: Equatable, Sendable {
  /// Calls that came whole, bad ones included.
  package private(set) var started = 0
  /// Calls that have not been answered to the end. One is over just before its last bytes are
  /// written, so that whoever has read an answer finds it counted.
  package private(set) var running = 0
  /// The highest value of `running`.
  package private(set) var mostRunning = 0
  /// Calls whose connection the caller closed before their end.
  package private(set) var cancelled = 0
  /// The calls in the order in which they came; the older half is forgotten when there are more
  /// than 10,000, or more than 256 MiB of bodies.
  package private(set) var calls: [SeenCall] = []
  private var keptBytes = 0

  private static let keptCallsLimit = 10_000
  private static let keptBytesLimit = 256 << 20

  /// The bodies of `calls` as text.
  package var bodies: [String] { calls.map { String(decoding: $0.body, as: UTF8.self) } }

  /// Notes a call that came whole.
  mutating func started(_ call: SeenCall) {
    started += 1
    running += 1
    mostRunning = max(mostRunning, running)
    calls.append(call)
    keptBytes += call.body.count
    guard calls.count > Self.keptCallsLimit || keptBytes > Self.keptBytesLimit else { return }
    calls.removeFirst((calls.count + 1) / 2)
    keptBytes = calls.reduce(0) { $0 + $1.body.count }
  }

  /// Notes that a call is over; `byCaller` when its caller went away.
  mutating func ended(byCaller: Bool) {
    running -= 1
    if byCaller { cancelled += 1 }
  }
}
