import PromptCore
import PromptProtocol

/// What a key's value must be. Reading gives the value, or notes faults and gives nil.
///
/// No rule ever quotes text that it refuses: it may be a secret in the wrong place.
struct ValueRule<Value> {
  let read: (TOMLEntry, inout [ConfigurationFault]) -> Value?

  /// A rule that notes its faults itself.
  init(read: @escaping (TOMLEntry, inout [ConfigurationFault]) -> Value?) { self.read = read }

  /// A rule that converts what fits, and describes what must be there otherwise.
  init(expecting expected: String, convert: @escaping (TOMLNode) -> Value?) {
    read = { entry, faults in
      if let value = convert(entry.node) { return value }
      faults.append(entry.fault("must be \(expected), not \(entry.node.kind)"))
      return nil
    }
  }

  /// This, and then a conversion that may refuse.
  func then<Other>(
    expecting expected: String, _ convert: @escaping (Value) -> Other?
  ) -> ValueRule<Other> {
    ValueRule<Other> { entry, faults in
      guard let value = read(entry, &faults) else { return nil }
      if let other = convert(value) { return other }
      faults.append(entry.fault("must be \(expected)"))
      return nil
    }
  }
}

extension ValueRule {
  /// This, and then a conversion that cannot fail.
  func map<Other>(_ convert: @escaping (Value) -> Other) -> ValueRule<Other> {
    ValueRule<Other> { entry, faults in read(entry, &faults).map(convert) }
  }
}

extension ValueRule where Value: Comparable & Sendable {
  /// This, between bounds that `text` can write.
  func within(
    _ range: ClosedRange<Value>, written text: @escaping (Value) -> String
  ) -> ValueRule {
    ValueRule { entry, faults in
      guard let value = read(entry, &faults) else { return nil }
      if value < range.lowerBound {
        faults.append(
          entry.fault("must be at least \(text(range.lowerBound)), not \(text(value))"))
      } else if value > range.upperBound {
        faults.append(entry.fault("must be at most \(text(range.upperBound)), not \(text(value))"))
      } else {
        return value
      }
      return nil
    }
  }
}

extension ValueRule where Value == Bool {
  /// `true` or `false`.
  static var flag: Self {
    Self(expecting: "true or false") { if case .boolean(let flag) = $0 { flag } else { nil } }
  }
}

extension ValueRule where Value == Int {
  /// A whole number within bounds.
  static func integer(_ range: ClosedRange<Int>) -> Self {
    Self(expecting: "a whole number") { if case .integer(let number) = $0 { number } else { nil } }
      .within(range) { "\($0)" }
  }

  /// Bytes, as `"64MiB"`.
  static func size(_ range: ClosedRange<Int>) -> Self {
    let expected = "a size in quotes, such as \"64MiB\" (B, KiB, MiB, GiB, KB, MB, GB)"
    return ValueRule<String>.text(expecting: expected)
      .then(expecting: expected) { ByteSize.bytes($0) }
      .within(range) { ByteSize.text($0) }
  }
}

extension ValueRule where Value == Int? {
  /// A whole number of which 0 means no limit.
  static var limit: Self {
    ValueRule<Int>.integer(0...1_000_000_000_000)
      .map { (number: Int) -> Int? in number == 0 ? nil : number }
  }
}

extension ValueRule where Value == Double {
  /// A number with or without a point, within bounds, and a number at all.
  static func number(_ range: ClosedRange<Double>) -> Self {
    Self(expecting: "a number") { node in
      switch node {
      case .double(let number): number.isNaN ? nil : number
      case .integer(let number): Double(number)
      case .string, .boolean, .moment, .array, .table: nil
      }
    }
    .within(range) { "\($0)" }
  }
}

extension ValueRule where Value == Double? {
  /// An amount of money of which 0 means no limit.
  static var budget: Self {
    ValueRule<Double>.number(0...1e12)
      .map { (amount: Double) -> Double? in amount == 0 ? nil : amount }
  }
}

extension ValueRule where Value == Duration {
  /// A duration, as `"60s"`.
  static func duration(_ range: ClosedRange<Duration>) -> Self {
    let expected = "a duration in quotes, such as \"60s\" (ms, s, min, h, d)"
    return ValueRule<String>.text(expecting: expected)
      .then(expecting: expected) { DurationText.duration($0) }
      .within(range) { DurationText.text($0) }
  }
}

extension ValueRule where Value: RawRepresentable<String> & CaseIterable {
  /// One of an enumeration's names.
  static func choice() -> Self {
    let expected = "one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")
    return ValueRule<String>.text(expecting: expected)
      .then(expecting: expected) { Value(rawValue: $0) }
  }
}

extension ValueRule where Value == PriorityClass {
  /// A class by its name.
  static var priority: Self {
    let expected = "one of " + PriorityClass.allCases.map(\.name).joined(separator: ", ")
    return ValueRule<String>.text(expecting: expected)
      .then(expecting: expected) { PriorityClass(name: $0) }
  }
}
