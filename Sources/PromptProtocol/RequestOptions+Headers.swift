extension RequestOptions {
  /// Reads what the headers of an HTTP request say: `X-Promptd-Priority`, `X-Promptd-Cache`, and
  /// below that `Cache-Control`. `header` gives the value of the header with a name, or nil.
  ///
  /// Throws `invalid_params` for a value of ours that is none; directives of `Cache-Control` that
  /// mean nothing here are passed over (RFC 9111 section 5.2.3).
  package init(headers header: (String) -> String?) throws(WireError) {
    self.init()
    if let text = header("cache-control") { read(cacheControl: text) }
    if let text = header("x-promptd-cache") {
      guard let control = CacheControl(rawValue: text) else {
        throw Self.unknown("X-Promptd-Cache", CacheControl.allCases.map(\.rawValue))
      }
      cache = control
    }
    if let text = header("x-promptd-priority") {
      guard let asked = PriorityClass(name: text) else {
        throw Self.unknown("X-Promptd-Priority", PriorityClass.allCases.map(\.name))
      }
      priority = asked
    }
  }

  private static func unknown(_ header: String, _ choices: [String]) -> WireError {
    WireError(
      .invalidParams, "\(header) must be one of \(choices.joined(separator: ", "))", param: header)
  }

  private mutating func read(cacheControl text: String) {
    for part in text.split(separator: ",") {
      let directive = part.trimmingPrefix { $0 == " " || $0 == "\t" }
        .prefix { $0 != " " && $0 != "\t" }.lowercased()
      switch directive {
      case "no-cache": cache = .refresh
      case "no-store": cache = .bypass
      case "only-if-cached": cache = .only
      default:
        guard directive.hasPrefix("max-age="), let seconds = Int(directive.dropFirst(8)),
          seconds >= 0
        else { continue }
        maxAge = min(Double(seconds), Self.longestSeconds)
      }
    }
  }
}
