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
    facts.add("tokens saved", saved(cache["tokens_saved"]))
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

  private static func saved(_ saved: JSONTree?) -> String? {
    guard let prompt = saved?["prompt"]?.int, let completion = saved?["completion"]?.int else {
      return nil
    }
    return "\(prompt) in, \(completion) out"
  }
}
