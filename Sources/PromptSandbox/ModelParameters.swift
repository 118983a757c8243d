/// The parameters behind the question mark of a model's name; unknown ones mean nothing.
struct ModelParameters: Sendable {
  private let values: [Substring: Substring]

  /// Reads `name=value` pairs between ampersands; the last of several with one name counts.
  init(_ query: Substring) {
    let pairs = query.split(separator: "&").map {
      $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    }
    values = Dictionary(pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { $1 }
  }

  /// A whole number in a range, or nil when it is not there.
  func whole(_ name: Substring, in range: ClosedRange<Int>) throws(APIFault) -> Int? {
    guard let text = values[name] else { return nil }
    if let value = Int(text), range.contains(value) { return value }
    throw Self.fault(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
  }

  /// A number above nothing, or nil when it is not there.
  func positive(_ name: Substring) throws(APIFault) -> Double? {
    guard let text = values[name] else { return nil }
    if let value = Double(text), value > 0, value.isFinite { return value }
    throw Self.fault(name, "a number above 0")
  }

  /// One of some words, or nil when it is not there.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: Substring
  ) throws(APIFault) -> Choice? {
    guard let text = values[name] else { return nil }
    if let value = Choice(rawValue: String(text)) { return value }
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw Self.fault(name, "one of \(words)")
  }

  private static func fault(_ name: Substring, _ rule: String) -> APIFault {
    APIFault("\(name) in the sandbox model's name must be \(rule)", param: "model")
  }
}
