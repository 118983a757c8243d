/// How a call ended.
package enum CallEnd: Sendable, Hashable {
  /// The answer came whole, whatever its status.
  case complete
  case failed(CallFailure)
}
