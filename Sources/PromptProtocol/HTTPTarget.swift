/// What is served over HTTP, and how it is asked for.
package enum HTTPTarget: CaseIterable, Sendable {
  case chat, models, health, metrics

  /// The target at a path, its query left out; nil where there is nothing.
  package init?(path: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.paths.contains { $0 == path } }) else {
      return nil
    }
    self = match
  }

  /// Where it is found: below the path of promptd's own, and below that of the API.
  package var paths: [String] {
    switch self {
    case .chat: ["/v1/chat/completions", "/openai/v1/chat/completions"]
    case .models: ["/v1/models", "/openai/v1/models"]
    case .health: ["/healthz"]
    case .metrics: ["/metrics"]
    }
  }

  /// The methods that it takes, as the header `Allow` lists them (RFC 9110 section 10.2.1).
  package var allowed: String {
    switch self {
    case .chat: "POST, OPTIONS"
    case .models, .health, .metrics: "GET, HEAD, OPTIONS"
    }
  }

  /// Whether it may be asked for in this way.
  package func takes(method: String) -> Bool {
    switch self {
    case .chat: method == "POST"
    case .models, .health, .metrics: method == "GET" || method == "HEAD"
    }
  }
}
