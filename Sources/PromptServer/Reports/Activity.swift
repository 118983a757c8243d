import Systemd

/// How much happened: since promptd began, or between two looks.
struct Activity: Equatable, Sendable {
  var requests = 0
  /// Answers from the cache, older ones that stood in among them.
  var hits = 0
  /// Answers that were shared with whoever asked first.
  var joined = 0
  /// Requests that a call was made for.
  var misses = 0
  /// Errors that went out.
  var errors = 0
  /// Upstream calls that were begun, and those of them that were further tries.
  var calls = 0
  var retries = 0

  static func - (later: Activity, earlier: Activity) -> Activity {
    Activity(
      requests: later.requests - earlier.requests, hits: later.hits - earlier.hits,
      joined: later.joined - earlier.joined, misses: later.misses - earlier.misses,
      errors: later.errors - earlier.errors, calls: later.calls - earlier.calls,
      retries: later.retries - earlier.retries)
  }

  /// The fields of an entry that tells it.
  var fields: [LogField: String] {
    let figures: [(LogField, Int)] = [
      (.requests, requests), (.hits, hits), (.joined, joined), (.misses, misses),
      (.errors, errors), (.calls, calls), (.retries, retries),
    ]
    return Dictionary(uniqueKeysWithValues: figures.map { ($0.0, String($0.1)) })
  }
}
