/// Every way in which promptd says no. This is the one table behind the JSON-RPC code, the HTTP
/// status and promptctl's exit code.
package enum ErrorName: String, CaseIterable, Sendable {
  case parseError = "parse_error"
  case invalidRequest = "invalid_request"
  case unknownMethod = "unknown_method"
  case invalidParams = "invalid_params"
  case internalError = "internal_error"
  case queueFull = "queue_full"
  case deadlineExceeded = "deadline_exceeded"
  case cancelled
  case tooLarge = "too_large"
  case tooManyConnections = "too_many_connections"
  case upstreamError = "upstream_error"
  case upstreamUnreachable = "upstream_unreachable"
  case streamInterrupted = "stream_interrupted"
  case noUpstream = "no_upstream"
  case notCached = "not_cached"
  case forbidden
  case budgetExceeded = "budget_exceeded"
  case unauthorized
  case storeUnavailable = "store_unavailable"
  case shuttingDown = "shutting_down"

  /// The JSON-RPC error code: the standard's own up to -32600, the server's range below
  /// (JSON-RPC 2.0, section 5.1).
  package var code: Int { row.code }

  /// The HTTP status; an `upstream_error` takes the upstream's own where it has one.
  package var httpStatus: Int { row.http }

  /// The exit code of a command that ends with this error (sysexits.h).
  package var exitCode: Int32 { row.exit }

  /// Whether asking again, as SDKs do by themselves, may help. What has to do with the call is not
  /// asked again: promptd has seen to that.
  package var isWorthRetrying: Bool {
    switch self {
    case .queueFull, .tooManyConnections, .storeUnavailable, .shuttingDown: true
    case .parseError, .invalidRequest, .unknownMethod, .invalidParams, .internalError,
      .deadlineExceeded, .cancelled, .tooLarge, .upstreamError, .upstreamUnreachable,
      .streamInterrupted, .noUpstream, .notCached, .forbidden, .budgetExceeded, .unauthorized:
      false
    }
  }

  private var row: (code: Int, http: Int, exit: Int32) {
    switch self {
    case .parseError: (-32700, 400, 65)
    case .invalidRequest: (-32600, 400, 65)
    case .unknownMethod: (-32601, 404, 76)
    case .invalidParams: (-32602, 400, 65)
    case .internalError: (-32603, 500, 70)
    case .queueFull: (-32001, 429, 75)
    case .deadlineExceeded: (-32002, 504, 75)
    case .cancelled: (-32003, 499, 75)
    case .tooLarge: (-32004, 413, 65)
    case .tooManyConnections: (-32005, 503, 75)
    case .upstreamError: (-32010, 502, 69)
    case .upstreamUnreachable: (-32011, 502, 69)
    case .streamInterrupted: (-32012, 502, 69)
    case .noUpstream: (-32013, 503, 78)
    case .notCached: (-32020, 504, 69)
    case .forbidden: (-32030, 403, 77)
    case .budgetExceeded: (-32031, 429, 75)
    case .unauthorized: (-32033, 401, 77)
    case .storeUnavailable: (-32034, 503, 75)
    case .shuttingDown: (-32040, 503, 75)
    }
  }
}
