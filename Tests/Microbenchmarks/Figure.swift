/// One measurement.
struct Figure {
  var what: String
  var value: Double
  var unit: String

  /// What each of `count` steps takes, in microseconds.
  static func each(_ what: String, _ count: Int, _ body: () throws -> Void) rethrows -> Figure {
    let time = try ContinuousClock().measure(body)
    return Figure(what: what, value: time / .microseconds(count), unit: "µs")
  }

  /// How fast `count` bytes go through, in megabytes a second.
  static func speed(_ what: String, of count: Int, _ body: () throws -> Void) rethrows -> Figure {
    let time = try ContinuousClock().measure(body)
    let seconds = time / .seconds(1)
    return Figure(what: what, value: Double(count) / 1e6 / max(seconds, 1e-9), unit: "MB/s")
  }
}
