package import PromptProtocol

/// How a call failed: what clients are told, and what promptd goes by.
package struct CallFault: Error, Equatable, Sendable {
  /// What part failed.
  package enum Kind: Equatable, Sendable {
    /// There was no connection, or none in time. Another upstream may be there.
    case connect
    /// The upstream cannot be called as it is configured, or is not whom it should be.
    case untrusted
    /// The connection was lost, or the time for it ran out, before any of an answer came.
    case reset
    /// The answer broke off, or is corrupt.
    case cut
    /// The answer stood still, or took longer than a call may.
    case stalled
    /// The upstream refused with this status, also where it says so at the start of a stream.
    case status(Int)
    /// The answer is whole, and not what was asked for.
    case strange
    /// The answer is longer than it may be.
    case tooLarge
    /// promptd itself, or the machine, could not make the call.
    case own
  }

  /// What a call tells of its upstream.
  package enum Verdict: Equatable, Sendable {
    case failed
    /// It answers, whatever it says.
    case alive
    case nothing
  }

  package var kind: Kind
  package var error: WireError

  package init(_ kind: Kind, _ error: WireError) {
    self.kind = kind
    self.error = error
  }

  /// The statuses that pass by themselves.
  private static let passing: Set<Int> = [408, 425, 429, 500, 502, 503, 504]

  /// Whether another try may end otherwise, as long as nothing of an answer has reached a caller.
  var mayPass: Bool {
    switch kind {
    case .connect, .reset, .cut: true
    case .status(let status): Self.passing.contains(status)
    case .untrusted, .stalled, .strange, .tooLarge, .own: false
    }
  }

  /// What it tells of the upstream.
  var verdict: Verdict {
    switch kind {
    case .connect, .untrusted, .reset, .cut, .stalled: .failed
    case .status(let status): status >= 500 ? .failed : .alive
    case .strange, .tooLarge: .alive
    case .own: .nothing
    }
  }

  /// Whether the upstream did not do it: an older answer helps then. One that understood the request
  /// and refused it has not failed.
  var isUpstreamFailure: Bool {
    switch kind {
    case .status(408), .status(429), .strange: true
    default: verdict == .failed
    }
  }

  /// Seconds for which the upstream wants no call, where it says so of a failure that passes.
  var pause: Double? { mayPass ? error.info.retryAfter : nil }
}
