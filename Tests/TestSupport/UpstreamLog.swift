/// What a scripted upstream has seen.
package struct UpstreamLog: Sendable {
  /// A request that reached it.
  package struct Arrival: Sendable {
    package var time: ContinuousClock.Instant
    package var body: String
    /// The number of its connection, from 1.
    package var connection: Int
  }

  package private(set) var arrivals: [Arrival] = []
  /// Connections that have come, and those of them that have ended.
  package internal(set) var connections = 0
  package internal(set) var ended = 0
  /// Answers that stand at a pause or have passed it, and that may pass.
  package internal(set) var paused = 0
  var released = 0

  /// How many requests reached it.
  package var count: Int { arrivals.count }

  /// How many requests reached it whose body holds this text.
  package func count(of text: String) -> Int { arrivals.count { $0.body.contains(text) } }

  /// Notes a request; returns how many with the same body have come by now.
  mutating func arrived(_ body: String, on connection: Int) -> Int {
    arrivals.append(Arrival(time: .now, body: body, connection: connection))
    return arrivals.count { $0.body == body }
  }
}
