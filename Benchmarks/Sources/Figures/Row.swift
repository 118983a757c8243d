/// One measurement, as it stands in a table.
package struct Row: Codable, Equatable, Sendable {
  /// What was measured, and against what; by it rows of two reports are matched.
  package var name: String
  /// Of `ours` and `yardstick`: what the medians of both sides are.
  package var unit: String
  /// The median of our side.
  package var ours: Double
  /// The median of the other side; nil where there is none.
  package var yardstick: Double?
  /// How the figure comes from both.
  package var measure: Measure
  /// The median of the rounds' figures, and the lowest and highest of them.
  package var figure: Double
  package var lowest: Double
  package var highest: Double
  /// What the figure should be at least or at most; nil where nothing is asked of it.
  package var target: Double?
  /// Whether more than the target is good; nil without a target where nobody can tell.
  package var higherIsBetter: Bool?
  /// Whether the target is met; nil where there is none.
  package var ok: Bool?

  private enum CodingKeys: String, CodingKey {
    case name, unit, ours, yardstick, measure, figure, lowest, highest, target
    case higherIsBetter = "higher_is_better"
    case ok
  }

  /// A row made of rounds, at least one.
  package init(
    _ name: String, _ unit: String, _ rounds: Rounds, _ measure: Measure, _ goal: Goal? = nil
  ) {
    let figures = rounds.figures(measure)
    self.name = name
    self.unit = unit
    ours = rounds.ours.median
    yardstick = rounds.yardstick.isEmpty ? nil : rounds.yardstick.median
    self.measure = measure
    figure = figures.median
    lowest = figures.min() ?? .nan
    highest = figures.max() ?? .nan
    ok = goal?.isMet(by: figure)
    switch goal {
    case .atLeast(let bound): (target, higherIsBetter) = (bound, true)
    case .atMost(let bound): (target, higherIsBetter) = (bound, false)
    case nil: (target, higherIsBetter) = (nil, nil)
    }
  }

  /// A row of one value.
  package init(_ name: String, _ value: Double, _ unit: String, _ goal: Goal? = nil) {
    self.init(name, unit, Rounds(value), .value, goal)
  }

  /// A row of one value beside another of the same kind.
  package init(_ name: String, _ value: Double, against other: Double, _ unit: String) {
    var rounds = Rounds()
    rounds.add(ours: value, yardstick: other)
    self.init(name, unit, rounds, .ratio)
  }

  /// How much worse the figure is than an earlier one, as a part of that; negative where it is
  /// better, and nil where the two cannot be compared.
  package func loss(since earlier: Row) -> Double? {
    guard earlier.name == name, earlier.measure == measure, earlier.figure != 0 else { return nil }
    let gain = figure / earlier.figure - 1
    return higherIsBetter == false ? gain : -gain
  }
}
