extension RequestOptions {
  /// Reads what the headers of an HTTP request say: `X-Promptd-Priority`, `X-Promptd-Cache`, and
  /// below that `Cache-Control`. `header` gives the value of the header with a name, that of several
  /// lines with commas between them (RFC 9110 section 5.3), or nil.
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

  /// Of directives that say different things the strictest holds, in whatever order they come.
  private mutating func read(cacheControl text: String) {
    var asked: Set<CacheControl> = []
    for part in text.split(separator: ",") {
      let directive = part.trimmingPrefix { $0 == " " || $0 == "\t" }
        .prefix { $0 != " " && $0 != "\t" }.lowercased()
      switch directive {
      case "no-cache": asked.insert(.refresh)
      case "no-store": asked.insert(.bypass)
      case "only-if-cached": asked.insert(.only)
      default:
        guard directive.hasPrefix("max-age="), let seconds = Self.seconds(directive.dropFirst(8))
        else { continue }
        maxAge = min(seconds, maxAge ?? seconds)
      }
    }
    cache = [.bypass, .only, .refresh].first(where: asked.contains) ?? cache
  }

  /// Whole seconds, also in quotes (RFC 9111 section 5.2), and too many of them as the most that
  /// there are; nil for anything else.
  private static func seconds(_ text: Substring) -> Double? {
    let digits = text.trimmingPrefix("\"").prefix { $0 != "\"" }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Double(digits).map { min($0, longestSeconds) }
  }
}
