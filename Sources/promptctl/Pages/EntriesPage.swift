import Glibc
import JSON

/// Entries of the cache for people.
enum EntriesPage {
  /// Milliseconds since 1970.
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// A table with a row for each entry; `now` is in milliseconds since 1970.
  static func table(_ entries: [JSONTree], now: Int, _ style: TextStyle) -> String {
    var table = Table([
      .whole("KEY"), .whole("VARIANT"), .left("MODEL"), .left("CLIENT"), .right("AGE"),
      .right("EXPIRES IN"), .right("TOKENS"), .right("BYTES"),
    ])
    for entry in entries {
      table.add([
        digits(entry["key"]), digits(entry["variant"]), entry["model"]?.string ?? "-",
        entry["client"]?.string ?? "-", age(entry, now) ?? "-", expiry(entry, now) ?? "-",
        tokens(entry).map(String.init) ?? "-",
        entry["bytes"]?.int.map(Quantities.bytes) ?? "-",
      ])
    }
    return table.text(style)
  }

  /// One entry with its request and its answer.
  static func entry(_ entry: JSONTree, now: Int, _ style: TextStyle) -> String {
    var facts = FactList("Entry")
    for name in ["key", "variant", "model", "origin", "client"] {
      facts.add(name, entry[name]?.string)
    }
    facts.add("age", age(entry, now))
    facts.add("expires in", expiry(entry, now))
    facts.add("took", entry["upstream_ms"]?.int.map(Quantities.milliseconds))
    facts.add("tokens", tokens(entry).map(String.init))
    facts.add("request", entry["request"]?["key"].map(\.text))
    facts.add("beside it", entry["request"]?["variant"].map(\.text))
    facts.add("answer", entry["answer"].map(\.text))
    return facts.text(style)
  }

  /// What `cache.explain` says.
  static func explanation(_ result: JSONTree, _ style: TextStyle) -> String {
    var facts = FactList(PlainText.cell(result["outcome"]?.string ?? "-"))
    facts.add("why", result["why"]?.string)
    facts.add("tier", result["tier"]?.string)
    facts.add("age", result["age_s"]?.int.map(Quantities.seconds))
    facts.add("key", result["key"]?.string)
    facts.add("  made of", result["canonical_key"]?.string)
    facts.add("variant", result["variant"]?.string)
    facts.add("  made of", result["canonical_variant"]?.string)
    if let nearest = result["nearest"] {
      facts.add("nearest", nearest["key"]?.string)
      let paths = nearest["differs"]?.array?.compactMap(\.string) ?? []
      facts.add("  differs in", paths.joined(separator: ", "))
      facts.add("  made by", nearest["client"]?.string)
      facts.add("  age", nearest["age_s"]?.int.map(Quantities.seconds))
    }
    return facts.text(style)
  }

  private static func digits(_ digest: JSONTree?) -> String {
    digest?.string.map { String($0.prefix(12)) } ?? "-"
  }

  private static func age(_ entry: JSONTree, _ now: Int) -> String? {
    entry["created"]?.int.map { Quantities.seconds(max(0, now &- $0) / 1000) }
  }

  private static func expiry(_ entry: JSONTree, _ now: Int) -> String? {
    entry["expires"]?.int.map {
      $0 <= now ? "expired" : Quantities.seconds(($0 &- now) / 1000)
    }
  }

  private static func tokens(_ entry: JSONTree) -> Int? {
    guard let prompt = entry["prompt_tokens"]?.int, let rest = entry["completion_tokens"]?.int
    else {
      return nil
    }
    let (sum, overflows) = prompt.addingReportingOverflow(rest)
    return overflows ? nil : sum
  }
}
