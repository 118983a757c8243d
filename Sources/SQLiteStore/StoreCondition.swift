/// A change in the store's health that the administrator should hear of, each said once.
package enum StoreCondition: Sendable, Equatable {
  /// The disk cannot be read or written, as the sentence says; `recovered` ends it.
  case degraded(reason: String)
  /// The disk does its part again after `degraded`.
  case recovered
  /// A damaged file is now at this path, and an empty one took its place.
  case movedAside(to: String)
}
