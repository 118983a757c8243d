/// What a scripted upstream does next with a request that it has read.
package enum UpstreamStep: Equatable, Sendable {
  case send(String)
  case sendBytes([UInt8])
  /// Waits until the test lets it go on.
  case pause
  /// Sends this again and again, slowly, until the caller goes away.
  case trickle(String)
  case close
  /// Ends a TCP connection with RST.
  case reset
}
