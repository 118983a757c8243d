import JSON

/// The bounds that a JSON schema sets to a number, and a number within them.
struct SchemaNumber: Equatable, Sendable {
  private var least = -Double.infinity
  private var most = Double.infinity
  /// Bounds that are not themselves allowed.
  private var above = -Double.infinity
  private var below = Double.infinity
  private var divisor: Double?
  private var isInteger: Bool

  /// Reads the bounds of a schema.
  init(_ schema: JSONTree, isInteger: Bool) {
    self.isInteger = isInteger
    least = schema["minimum"]?.double ?? least
    most = schema["maximum"]?.double ?? most
    above = schema["exclusiveMinimum"]?.double ?? above
    below = schema["exclusiveMaximum"]?.double ?? below
    divisor = schema["multipleOf"]?.double ?? (isInteger ? 1 : nil)
  }

  /// A number that is allowed, the plainest first; 0 when there is none.
  var example: JSONTree {
    let low = max(least, above)
    let high = min(most, below)
    var candidates = [0, low, low.rounded(.up), low + 1, high, high.rounded(.down), high - 1]
    candidates.append((low + high) / 2)
    if let divisor, divisor > 0 {
      let first = (low / divisor).rounded(.up) * divisor
      let last = (high / divisor).rounded(.down) * divisor
      candidates += [first, first + divisor, last, last - divisor]
    }
    let value = candidates.first(where: allows) ?? 0
    return .number(Int(exactly: value).map(String.init) ?? "\(value)")
  }

  private func allows(_ value: Double) -> Bool {
    guard value.isFinite, value >= least, value <= most, value > above, value < below
    else { return false }
    guard !isInteger || value == value.rounded() else { return false }
    guard let divisor, divisor > 0 else { return true }
    return (value / divisor).rounded() * divisor == value
  }
}
