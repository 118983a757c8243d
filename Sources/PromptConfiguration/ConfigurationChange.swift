import PromptCore

/// One key in which two configurations differ, as `upstream.jiekou.max_concurrent`.
package struct ConfigurationChange: Equatable, Sendable {
  package var key: String
  /// What the files say before and after; nil where they say nothing, or where it is not to be shown.
  package var before: String?
  package var after: String?
  /// Whether it takes effect with the next start only.
  package var needsRestart: Bool

  package init(_ key: String, from before: String?, to after: String?, needsRestart: Bool = false) {
    self.key = key
    self.before = before
    self.after = after
    self.needsRestart = needsRestart
  }

  /// As `key: before -> after`, for the journal.
  package var text: String {
    guard before != nil || after != nil else { return key }
    return "\(key): \(before ?? "(default)") -> \(after ?? "(default)")"
  }
}

extension Configuration {
  /// Keys that take effect with the next start only: files and sockets are open, and memory is given
  /// out, for the life of the daemon.
  private static let fixed: Set<String> = [
    "listen.socket", "listen.mode", "listen.group", "listen.http", "listen.max_buffered",
    "log.format", "cache.file", "cache.mode", "cache.memory", "cache.disk", "cache.keep_requests",
    "state.file", "state.keep_jobs",
  ]

  /// Values that may hold a password.
  private static let secret = "proxy"

  /// Whether a key's value is not to be shown.
  package static func isSecret(_ key: String) -> Bool { key.hasSuffix(".\(secret)") }

  /// In what `other`, which is newer, differs, by key.
  package func changes(to other: Configuration) -> [ConfigurationChange] {
    let keys = Set(written.keys).union(other.written.keys).sorted()
    let changes = keys.compactMap { key -> ConfigurationChange? in
      let (before, after) = (written[key]?.text, other.written[key]?.text)
      guard before != after else { return nil }
      let isSecret = Self.isSecret(key)
      return ConfigurationChange(
        key, from: isSecret ? nil : before, to: isSecret ? nil : after,
        needsRestart: Self.fixed.contains(key))
    }
    return changes + secretChanges(to: other)
  }

  /// Files of keys and tokens whose contents have changed.
  private func secretChanges(to other: Configuration) -> [ConfigurationChange] {
    let known = Dictionary(upstreams.map { ($0.name, $0) }) { first, _ in first }
    var keys = other.upstreams.filter { upstream in
      known[upstream.name].map { $0.keySource == upstream.keySource && $0.key != upstream.key }
        ?? false
    }.map { "upstream.\(TOMLDocument.quoted($0.name)).key" }
    if listen.httpTokensSource == other.listen.httpTokensSource,
      listen.httpTokens != other.listen.httpTokens
    {
      keys.append("listen.http_tokens")
    }
    return keys.map { ConfigurationChange($0, from: nil, to: nil) }
  }

  /// This configuration as far as it can take the place of `old` without a restart.
  package func replacing(_ old: Configuration) -> Configuration {
    var new = self
    new.listen.socket = old.listen.socket
    new.listen.mode = old.listen.mode
    new.listen.group = old.listen.group
    new.listen.http = old.listen.http
    new.listen.maxBuffered = old.listen.maxBuffered
    new.log.format = old.log.format
    new.cache.file = old.cache.file
    new.cache.policy.mode = old.cache.policy.mode
    new.cache.policy.memory = old.cache.policy.memory
    new.cache.policy.disk = old.cache.policy.disk
    new.cache.policy.keepRequests = old.cache.policy.keepRequests
    new.state = old.state
    // They are named again until there is a restart.
    for key in Self.fixed { new.written[key] = old.written[key] }
    return new
  }
}
