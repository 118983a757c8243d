import PromptCore
import PromptProtocol

extension UpstreamSettings {
  /// Reads one `[[upstream]]`; nil where what is missing leaves nothing to build.
  ///
  /// `lookUp` gets the key that a source names.
  static func read(
    _ reader: inout TableReader, key lookUp: (KeySource) throws(KeySource.Failure) -> APIKey?
  ) -> Self? {
    let name = reader.required("name", .name)
    let address = reader.required("base_url", .upstreamAddress)
    let source = keySource(&reader)
    let key = source.flatMap { readKey(&reader, from: $0, lookUp) }
    var policy = UpstreamPolicy(name: name ?? "")
    policy.read(&reader)
    var clocks = UpstreamClocks()
    reader.table("timeouts") { clocks.read(&$0) }
    let maxResponse = reader.value("max_response", .size(1024...(1 << 40)))
    // The system's own bundle has a quarter of a megabyte.
    let caFile = reader.value("ca_file", .readableFile(limit: 16 << 20))
    let proxy = reader.value("proxy", .proxy)
    if proxy != nil, address?.unixSocket != nil {
      reader.fault("proxy", "contradicts the unix: in base_url beside it; keep one of them")
    } else if proxy != nil, address?.url.hasPrefix("http:") == true {
      reader.fault(
        "proxy",
        "contradicts the http: in base_url beside it, which is for this machine; keep one of them")
    }
    guard name != nil, let address, let source else { return nil }
    return Self(
      address: address, caFile: caFile, proxy: proxy, keySource: source, key: key,
      policy: policy, clocks: clocks, maxResponse: maxResponse ?? defaultMaxResponse)
  }

  private static func readKey(
    _ reader: inout TableReader, from source: KeySource,
    _ lookUp: (KeySource) throws(KeySource.Failure) -> APIKey?
  ) -> APIKey? {
    do throws(KeySource.Failure) {
      return try lookUp(source)
    } catch {
      let name = reader.contains("api_key_file") ? "api_key_file" : "api_key_credential"
      reader.fault(name, error.message)
      return nil
    }
  }

  /// Exactly one way to get a key, or word that none is wanted; nil if that is not so.
  private static func keySource(_ reader: inout TableReader) -> KeySource? {
    let inline = "api_key"
    reader.refuse(
      inline,
      because: "must not stand in a configuration file, which is read, copied and backed up "
        + "freely; write api_key_file = \"/path\" (a file with mode 0600), or "
        + "api_key_credential = \"NAME\" (a systemd credential), and change this key")
    let auth = reader.value("auth", .auth)
    let file = reader.value("api_key_file", ValueRule<String>.path.map { KeySource.file($0) })
    let credential = reader.value("api_key_credential", .credential)
    let written = ["auth", "api_key_file", "api_key_credential"].filter { reader.contains($0) }
    if written.count > 1 {
      reader.fault(written[1], "contradicts \(written[0]) beside it; keep one of them")
    }
    if written.isEmpty, !reader.contains(inline) {
      reader.fault(
        "needs api_key_file = \"/path\" or api_key_credential = \"NAME\", or auth = \"none\" for "
          + "a server that wants no key")
    }
    return written.count == 1 ? auth ?? file ?? credential : nil
  }
}

extension UpstreamPolicy {
  /// Reads what `[[upstream]]` says of use and failures.
  mutating func read(_ reader: inout TableReader) {
    reader.read("models", .globs, into: &models)
    reader.read("max_concurrent", .integer(1...10_000), into: &maxConcurrent)
    reader.read("requests_per_minute", .limit, into: &requestsPerMinute)
    reader.read("tokens_per_minute", .limit, into: &tokensPerMinute)
    reader.table("retry") { retry.read(&$0) }
    reader.table("breaker") { breaker.read(&$0) }
  }
}

extension RetryPolicy {
  /// Reads `[upstream.retry]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("attempts", .integer(1...100), into: &attempts)
    reader.read("base", .duration(.milliseconds(1)...(.minutes(60))), into: &base)
    reader.read("cap", .duration(.milliseconds(1)...(.days(1))), into: &cap)
    reader.read("budget", .number(0...1), into: &budget)
    if base > cap {
      reader.fault(
        reader.contains("base") ? "base" : "cap",
        "base (\(DurationText.text(base))) must not be above cap (\(DurationText.text(cap)))")
    }
  }
}

extension BreakerPolicy {
  /// Reads `[upstream.breaker]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("failures", .integer(1...1_000_000), into: &failures)
    reader.read("probe_after", .duration(.milliseconds(1)...(.days(1))), into: &probeAfter)
    reader.read("probe_cap", .duration(.milliseconds(1)...(.days(1))), into: &probeCap)
    if probeAfter > probeCap {
      reader.fault(
        reader.contains("probe_after") ? "probe_after" : "probe_cap",
        "probe_after (\(DurationText.text(probeAfter))) must not be above probe_cap "
          + "(\(DurationText.text(probeCap)))")
    }
  }
}
