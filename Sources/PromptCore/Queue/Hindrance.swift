/// What keeps something from starting now.
package enum Hindrance: Equatable, Sendable {
  /// A limit on time, which leaves room at this moment.
  case until(MonotonicTime)
  /// Something else must happen: a slot be released, a pause be ended.
  case untilReleased
}
