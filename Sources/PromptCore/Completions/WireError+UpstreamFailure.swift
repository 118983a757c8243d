import PromptProtocol

extension WireError {
  /// Whether a call ended so because the upstream could not do it: an older answer would help then,
  /// and so would another time. One that understood the request and refused it has not failed.
  var isUpstreamFailure: Bool {
    switch name {
    case .upstreamUnreachable, .streamInterrupted, .deadlineExceeded: true
    case .upstreamError: info.status.map { $0 >= 500 || $0 == 408 || $0 == 429 } ?? true
    default: false
    }
  }
}
