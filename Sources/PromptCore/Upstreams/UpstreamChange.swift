/// A change in how an upstream does, for the journal.
package enum UpstreamChange: Equatable, Sendable {
  /// So many calls failed one after the other, the last one for this reason: none is made for so
  /// long.
  case failing(failures: Int, reason: String, pause: Duration)
  /// A call goes through to see.
  case probing
  /// It answers again.
  case recovered
  /// It wants no call for so many seconds.
  case held(seconds: Double)
  case keyRejected
  case keyAccepted
}
