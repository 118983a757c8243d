/// How a row's figure comes from what was measured.
package enum Measure: String, Codable, Equatable, Sendable {
  /// Ours divided by the yardstick's.
  case ratio
  /// Ours less the yardstick's.
  case difference
  /// Ours alone.
  case value
}
