/// How a request wants to use the cache.
package enum CacheControl: String, CaseIterable, Sendable {
  /// Read and write.
  case use
  /// Do not read; write what comes.
  case refresh
  /// Neither read nor write.
  case bypass
  /// Read, also what has expired; never call.
  case only
}
