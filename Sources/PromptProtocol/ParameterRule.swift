package import JSON

/// What one parameter of the API may hold. A null is always allowed where the rule is asked: it
/// means the same as leaving the parameter out.
package enum ParameterRule: Sendable {
  case number(ClosedRange<Double>)
  /// Above the lower bound, up to and with the upper one.
  case numberAbove(Double, through: Double)
  case integer(ClosedRange<Int>)
  case boolean
  /// At most so many bytes long, as it is written.
  case string(bytes: Int)
  case array
  case tools
  case format
  case streamOptions
  /// A string or an array of at most four strings.
  case stop
  /// An object whose members are integers from -100 to 100.
  case biases

  /// What is wrong with a value; nil when it is fine.
  package func fault(_ value: JSONValue) -> MemberFault? {
    switch self {
    case .tools: ShapeRule.tools(value)
    case .format: ShapeRule.format(value)
    case .streamOptions: ShapeRule.streamOptions(value)
    case .number, .numberAbove, .integer, .boolean, .string, .array, .stop, .biases:
      valueFault(value).map { MemberFault($0) }
    }
  }

  private func valueFault(_ value: JSONValue) -> String? {
    switch self {
    case .tools, .format, .streamOptions: return nil
    case .number(let range):
      guard let number = value.double else { return wrongKind("a number", value) }
      if range.contains(number) { return nil }
      return
        "must be between \(text(range.lowerBound)) and \(text(range.upperBound)), not \(raw(value))"
    case .numberAbove(let low, let high):
      guard let number = value.double else { return wrongKind("a number", value) }
      if number > low, number <= high { return nil }
      return "must be above \(text(low)) and at most \(text(high)), not \(raw(value))"
    case .integer(let range): return integerFault(value, range)
    case .boolean: return value.kind == .bool ? nil : wrongKind("a boolean", value)
    case .string(let limit):
      guard value.kind == .string else { return wrongKind("a string", value) }
      // The raw form has its two quotes.
      return value.raw.count - 2 <= limit ? nil : "must be at most \(limit) bytes long"
    case .array: return value.kind == .array ? nil : wrongKind("an array", value)
    case .stop: return stopFault(value)
    case .biases: return biasesFault(value)
    }
  }

  private func integerFault(_ value: JSONValue, _ range: ClosedRange<Int>) -> String? {
    guard let number = value.int else {
      guard value.kind == .integer else { return notAnInteger(value) }
      // Unsigned, and too large for an Int: an integer all the same.
      return range.upperBound == .max ? nil : outside(range, value)
    }
    return range.contains(number) ? nil : outside(range, value)
  }

  private func outside(_ range: ClosedRange<Int>, _ value: JSONValue) -> String {
    if range.upperBound == .max { return "must be at least \(range.lowerBound), not \(raw(value))" }
    return "must be between \(range.lowerBound) and \(range.upperBound), not \(raw(value))"
  }

  private func notAnInteger(_ value: JSONValue) -> String {
    guard value.kind == .double, let number = value.double else {
      return wrongKind("an integer", value)
    }
    // From 2^53 on a double may stand for many integers (`JSONValue.int`).
    let limit = number == number.rounded() ? ", below 2^53 where it has a point or an exponent" : ""
    return "must be an integer\(limit), not \(raw(value))"
  }

  private func stopFault(_ value: JSONValue) -> String? {
    if value.kind == .string { return nil }
    guard value.kind == .array else { return wrongKind("a string or an array of strings", value) }
    let elements = Array(value.elements.prefix(5))
    if elements.count > 4 { return "must hold at most 4 strings" }
    return elements.allSatisfy { $0.kind == .string } ? nil : "must hold strings only"
  }

  private func biasesFault(_ value: JSONValue) -> String? {
    guard value.kind == .object else { return wrongKind("an object", value) }
    let fits = value.members.allSatisfy { $0.value.int.map((-100...100).contains) == true }
    return fits ? nil : "must hold integers between -100 and 100"
  }

  private func wrongKind(_ wanted: String, _ value: JSONValue) -> String {
    "must be \(wanted), not \(value.kind.name)"
  }

  private func text(_ bound: Double) -> String {
    bound == bound.rounded() ? String(Int(bound)) : String(bound)
  }

  private func raw(_ value: JSONValue) -> String {
    String(decoding: value.raw.prefix(32), as: UTF8.self)
  }
}
