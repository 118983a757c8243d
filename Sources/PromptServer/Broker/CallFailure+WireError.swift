import CurlTransport
import PromptCore
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

  /// The failure as promptd goes by it.
  var fault: CallFault {
    let faultKind: CallFault.Kind =
      switch kind {
      case .connect, .clock(.connect): .connect
      case .tls, .misconfigured: .untrusted
      case .reset, .clock(.firstByte): .reset
      case .cut: .cut
      case .clock(.idle), .clock(.total): .stalled
      case .tooLarge: .tooLarge
      case .internalFault: .own
      }
    return CallFault(faultKind, wireError)
  }
}
