/// Which members of a request, beside model, messages and seed, must be equal for a cache hit.
package enum VaryRule: Hashable, Sendable {
  /// All of them, also those that nobody has heard of yet.
  case everything
  /// These; members that change an answer's shape count anyway.
  case members(Set<String>)
}
