package import PromptProtocol

/// How many of something there are in each class.
package struct ClassCounts: Equatable, Sendable {
  /// Room for five classes, and no memory of its own.
  private var counts = SIMD8<Int>()

  package init() {}

  package subscript(_ priority: PriorityClass) -> Int {
    get { counts[priority.rawValue] }
    set { counts[priority.rawValue] = newValue }
  }

  /// How many there are in all.
  package var total: Int { counts.wrappedSum() }

  /// The best class that holds any; nil when none does.
  package var best: PriorityClass? {
    PriorityClass.allCases.last { self[$0] > 0 }
  }
}
