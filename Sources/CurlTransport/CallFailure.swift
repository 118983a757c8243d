/// Why a call, or the transport itself, could not go on.
package struct CallFailure: Error, Sendable, Hashable {
  /// What part failed, which is all that retries and breakers decide by.
  package enum Kind: Sendable, Hashable {
    /// No connection: names, refusal, a missing socket, the proxy, or a handshake that broke off.
    case connect
    /// The peer's certificate was not accepted.
    case tls
    /// The connection was lost before any of an answer came.
    case reset
    /// The answer broke off, or its framing or encoding is corrupt.
    case cut
    /// One of the call's own clocks ran out.
    case clock(Clock)
    /// The answer is longer than it may be.
    case tooLarge
    /// Nothing can be sent as configured: a bad URL, an unreadable `ca_file`, an impossible key.
    case misconfigured
    /// libcurl or the kernel failed the transport.
    case internalFault
  }

  /// The clocks of `CallClocks`.
  package enum Clock: Sendable, Hashable {
    case connect
    case firstByte
    case idle
    case total
  }

  package var kind: Kind
  /// libcurl's words where it has any, else a sentence of ours; never holds the key.
  package var message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }
}
