import JSON

/// What successive snapshots of the daemon say of each second between them.
struct TopHistory: Equatable {
  /// The time between two snapshots, in seconds.
  private struct Totals: Equatable {
    var requests: Int
    var hits: Int
    var errors: Int
  }

  /// Figures that are kept: as many as the widest screen shows.
  private static let length = 512

  /// Requests a second.
  private(set) var throughput: [Double?] = []
  /// Which part of them the cache answered, from 0 to 1; nil where there were none.
  private(set) var hitRate: [Double?] = []
  /// The mean length of upstream calls, in milliseconds; nil before the first.
  private(set) var latency: [Double?] = []
  private var last: Totals?

  /// Takes in a snapshot that came so many seconds after the one before.
  mutating func add(_ status: JSONTree, after seconds: Double) {
    let requests = status["requests"]
    let now = Totals(
      requests: requests?["total"]?.int ?? 0,
      hits: ["hits", "joined"].reduce(0) { $0 + min(requests?[$1]?.int ?? 0, 1 << 60) },
      errors: requests?["errors"]?.int ?? 0)
    defer { last = now }
    let means = (status["upstreams"]?.array ?? []).compactMap { $0["mean_ms"]?.double }
    Self.append(means.isEmpty ? nil : means.reduce(0, +) / Double(means.count), to: &latency)
    // A daemon that was started anew counts from nothing.
    guard let last, now.requests >= last.requests, seconds > 0 else {
      Self.append(nil, to: &throughput)
      return Self.append(nil, to: &hitRate)
    }
    let count = now.requests - last.requests
    Self.append(Double(count) / seconds, to: &throughput)
    Self.append(
      count > 0 ? min(1, Double(max(0, now.hits - last.hits)) / Double(count)) : nil, to: &hitRate)
  }

  private static func append(_ figure: Double?, to figures: inout [Double?]) {
    figures.append(figure)
    if figures.count > length { figures.removeFirst() }
  }
}
