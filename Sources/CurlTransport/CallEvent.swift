/// What happens in a call, in this order: at most one `.responded`, any number of `.received`,
/// exactly one `.ended` unless
/// the call was cancelled.
package enum CallEvent: Sendable {
  /// The final status and headers came; interim answers (1xx) are not reported.
  case responded(ResponseHead)
  /// Bytes of the body came, already decoded; never empty.
  case received([UInt8])
  /// The call is over and its id is free.
  case ended(CallEnd)
}
