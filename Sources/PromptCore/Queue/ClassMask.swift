import PromptProtocol

/// Some of the classes.
struct ClassMask: Equatable, Sendable {
  private var bits: UInt8 = 0

  var isEmpty: Bool { bits == 0 }

  func contains(_ priority: PriorityClass) -> Bool { bits & Self.bit(priority) != 0 }

  mutating func insert(_ priority: PriorityClass) { bits |= Self.bit(priority) }

  mutating func remove(_ priority: PriorityClass) { bits &= ~Self.bit(priority) }

  /// The best class that is in both; nil when none is.
  func best(of other: Self) -> PriorityClass? {
    let both = bits & other.bits
    return both == 0 ? nil : PriorityClass(rawValue: 7 - both.leadingZeroBitCount)
  }

  private static func bit(_ priority: PriorityClass) -> UInt8 { 1 << UInt8(priority.rawValue) }
}
