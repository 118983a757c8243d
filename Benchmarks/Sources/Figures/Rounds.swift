/// What two sides reached, round by round. A machine drifts from minute to minute, so that only
/// what was measured side by side is compared.
package struct Rounds: Equatable, Sendable {
  /// What our side reached in each round.
  package private(set) var ours: [Double] = []
  /// What the other side reached; empty where there is none.
  package private(set) var yardstick: [Double] = []

  /// No round yet.
  package init() {}

  /// One round of our side alone.
  package init(_ ours: Double) { self.ours = [ours] }

  /// Measures both sides so many times, in turn first.
  package init<Failure: Error>(
    _ count: Int, ours: () throws(Failure) -> Double, yardstick: () throws(Failure) -> Double
  ) throws(Failure) {
    for round in 0..<count {
      if round.isMultiple(of: 2) {
        let first = try ours()
        add(ours: first, yardstick: try yardstick())
      } else {
        let first = try yardstick()
        add(ours: try ours(), yardstick: first)
      }
    }
  }

  /// Measures our side alone so many times.
  package init<Failure: Error>(_ count: Int, ours: () throws(Failure) -> Double) throws(Failure) {
    for _ in 0..<count { self.ours.append(try ours()) }
  }

  /// Adds a round.
  package mutating func add(ours: Double, yardstick: Double) {
    self.ours.append(ours)
    self.yardstick.append(yardstick)
  }

  /// The figures of all rounds.
  package func figures(_ measure: Measure) -> [Double] {
    switch measure {
    case .ratio: zip(ours, yardstick).map { $1 == 0 ? .nan : $0 / $1 }
    case .difference: zip(ours, yardstick).map { $0 - $1 }
    case .value: ours
    }
  }
}
