import CurlTransport
import PromptProtocol

extension CallFailure {
  /// The failure as clients are told it, in libcurl's words where it has any.
  var wireError: WireError {
    switch kind {
    case .connect, .tls, .reset, .misconfigured: WireError(.upstreamUnreachable, message)
    case .cut: WireError(.streamInterrupted, message)
    case .clock(.connect): WireError(.upstreamUnreachable, message)
    case .clock(.firstByte), .clock(.idle), .clock(.total): WireError(.deadlineExceeded, message)
    case .tooLarge: WireError(.tooLarge, message)
    case .internalFault: WireError(.internalError, message)
    }
  }
}
