import JSON

/// `cache.stats` for people.
enum CachePage {
  /// A page of facts; what the daemon did not say is left out.
  static func text(_ cache: JSONTree, _ style: TextStyle) -> String {
    var facts = FactList("Cache")
    add(cache, to: &facts)
    return facts.text(style)
  }

  /// Adds what the cache holds and has done to a page.
  static func add(_ cache: JSONTree, to facts: inout FactList) {
    facts.add("memory", cache["memory"].flatMap(tier))
    facts.add("disk", cache["disk"].flatMap(tier))
    facts.add("hits", hits(cache))
    facts.add("misses", cache["misses"]?.int.map(String.init))
    facts.add("joined", cache["joined"]?.int.map(String.init))
    facts.add("stored", cache["stored"]?.int.map(String.init))
    facts.add("not stored", reasons(cache["not_stored"]))
    facts.add("stale", cache["stale"]?.int.map(String.init))
    facts.add("saved", cache["saved"].flatMap(saved))
  }

  /// `12 answers, 3 KiB of 64 MiB, serving`
  private static func tier(_ tier: JSONTree) -> String? {
    var parts: [String] = []
    if let count = tier["entries"]?.int { parts.append("\(count) answers") }
    if let bytes = tier["bytes"]?.int {
      let limit = tier["limit"]?.int.map { " of \(Quantities.bytes($0))" } ?? ""
      parts.append(Quantities.bytes(bytes) + limit)
    }
    if let state = tier["state"]?.string { parts.append(state) }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// `9 (8 memory, 1 disk), 75 %`
  private static func hits(_ cache: JSONTree) -> String? {
    guard let memory = cache["hits"]?["memory"]?.int, let disk = cache["hits"]?["disk"]?.int else {
      return nil
    }
    let all = memory + disk
    let lookups = all + (cache["misses"]?.int ?? 0) + (cache["joined"]?.int ?? 0)
    let share = Quantities.share(all, of: lookups).map { ", \($0)" } ?? ""
    return "\(all) (\(memory) memory, \(disk) disk)\(share)"
  }

  private static func reasons(_ reasons: JSONTree?) -> String? {
    guard let members = reasons?.members, !members.isEmpty else { return nil }
    return members.map { "\($0.value.int ?? 0) \($0.name)" }.joined(separator: ", ")
  }

  /// `9 answers, 120 tokens in, 60 out, 3.2 s, 0.12`
  private static func saved(_ saved: JSONTree) -> String? {
    guard let answers = saved["answers"]?.int, let tokensIn = saved["tokens_in"]?.int,
      let tokensOut = saved["tokens_out"]?.int
    else { return nil }
    var parts = ["\(answers) answers", "\(tokensIn) tokens in, \(tokensOut) out"]
    if let seconds = saved["seconds"]?.double, seconds >= 0, seconds < 1e12 {
      parts.append(Quantities.milliseconds(Int(seconds * 1000)))
    }
    if let cost = saved["cost"]?.double, cost > 0 { parts.append(Quantities.money(cost)) }
    return parts.joined(separator: ", ")
  }
}
