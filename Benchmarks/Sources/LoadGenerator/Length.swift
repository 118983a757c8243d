/// How long a load lasts, after its warm-up.
package enum Length: Equatable, Sendable {
  /// So many requests.
  case requests(Int)
  /// So many seconds; what is under way then is waited for and not counted in the rate.
  case seconds(Double)
}
