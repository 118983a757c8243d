/// How urgent a request is. A better class is the greater one: `.idle < .urgent`.
package enum PriorityClass: Int, CaseIterable, Comparable, Sendable {
  case idle, low, normal, high, urgent

  /// The name that clients and the configuration use.
  package var name: String {
    switch self {
    case .idle: "idle"
    case .low: "low"
    case .normal: "normal"
    case .high: "high"
    case .urgent: "urgent"
    }
  }

  /// The class with this name, or nil.
  package init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
