package import PromptCore

/// Where answers are kept, and by which rules.
package struct CacheSettings: Hashable, Sendable {
  /// The database.
  package var file: String
  package var policy = CachePolicy()

  /// The default rules with this file.
  package init(file: String) { self.file = file }

  /// Reads `[cache]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("file", .path, into: &file)
    reader.read("mode", .choice(), into: &policy.mode)
    reader.read("memory", .size((1 << 20)...(1 << 40)), into: &policy.memory)
    reader.read("disk", .size((1 << 20)...(1 << 44)), into: &policy.disk)
    reader.read("ttl", .duration(.seconds(1)...(.days(3650))), into: &policy.ttl)
    reader.read("stale_if_error", .duration(.zero...(.days(3650))), into: &policy.staleIfError)
    reader.read("unseeded", .flag, into: &policy.unseeded)
    reader.read("vary", .vary, into: &policy.vary)
    reader.read("max_entry", .size(1024...(1 << 30)), into: &policy.maxEntry)
    reader.read("keep_requests", .flag, into: &policy.keepRequests)
    reader.read("keep_sandbox", .flag, into: &policy.keepSandbox)
  }
}
