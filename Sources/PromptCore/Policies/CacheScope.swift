/// With whom a client shares answers.
package enum CacheScope: String, CaseIterable, Sendable {
  /// With all clients of the daemon.
  case shared
  /// With nobody: a namespace for each user.
  case `private`
}
