/// What a figure should be.
package enum Goal: Equatable, Sendable {
  case atLeast(Double)
  case atMost(Double)

  /// Whether a figure is as it should be; NaN never is.
  package func isMet(by figure: Double) -> Bool {
    switch self {
    case .atLeast(let bound): figure >= bound
    case .atMost(let bound): figure <= bound
    }
  }
}
