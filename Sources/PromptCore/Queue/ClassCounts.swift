package import PromptProtocol

/// How many of something there are in each class.
package struct ClassCounts: Equatable, Sendable {
  private var counts = [Int](repeating: 0, count: PriorityClass.allCases.count)

  package init() {}

  package subscript(_ priority: PriorityClass) -> Int {
    get { counts[priority.rawValue] }
    set { counts[priority.rawValue] = newValue }
  }

  /// How many there are in all.
  package var total: Int { counts.reduce(0, +) }

  /// The best class that holds any; nil when none does.
  package var best: PriorityClass? {
    counts.lastIndex { $0 > 0 }.flatMap(PriorityClass.init(rawValue:))
  }
}
