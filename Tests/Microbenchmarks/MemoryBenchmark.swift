import PromptCore
import PromptProtocol

/// What the memory tier costs when it is full: each answer that comes pushes another one out.
struct MemoryBenchmark {
  let entries: Int

  /// Fills a tier, finds what it holds, and goes on putting in.
  func run() -> [Figure] {
    let answers = (0..<2 * entries).map(answer)
    var tier = MemoryTier(limit: entries * (answers[0].completion.count + 600))
    for answer in answers[..<entries] { tier.insert(answer, now: 0) }
    var found = 0
    let finding = Figure.each("SIEVE, find one of \(tier.count)", entries) {
      for answer in answers[..<entries] { found += tier.find(answer.keys, now: 0) == nil ? 0 : 1 }
    }
    let evicting = Figure.each("SIEVE, put one in and another out", entries) {
      for answer in answers[entries...] { tier.insert(answer, now: 0) }
    }
    return [finding, evicting, Figure(what: "SIEVE, found", value: Double(found), unit: "entries")]
  }

  private func answer(_ number: Int) -> CachedAnswer {
    // As uniform as the hashes that keys are.
    let word = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    let digest = Digest(words: (word, 1, 2, 3))
    return CachedAnswer(
      keys: CacheKeys(key: digest, variant: digest),
      completion: [UInt8](repeating: UInt8(ascii: "x"), count: 900), boundaries: nil, model: "m",
      origin: "o", client: "c", created: 0, expires: .max, tokens: TokenCount(), took: 1, cost: 0,
      request: nil)
  }
}
