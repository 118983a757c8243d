import Glibc
import PromptCore
import TestSupport
import Testing

/// SIEVE against what it is there instead of.
@Suite struct SieveTests {
  /// Ten thousand questions, asked by Zipf's law.
  private struct Trace {
    private let sums: [Double]
    private var generator: SplitMix

    init(skew: Double, seed: UInt64) {
      var sum = 0.0
      sums = (1...10_000).map { rank in
        sum += 1 / pow(Double(rank), skew)
        return sum
      }
      generator = SplitMix(seed: seed)
    }

    mutating func next() -> UInt64 {
      let point = Double.random(in: 0..<(sums.last ?? 1), using: &generator)
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] < point { low = middle + 1 } else { high = middle }
      }
      return UInt64(low)
    }
  }

  /// Least recently used, the plain way.
  private struct LRU {
    let limit: Int
    private var times: [UInt64: Int] = [:]
    private var uses: [Int: UInt64] = [:]
    private var now = 0
    private var oldest = 0

    init(limit: Int) { self.limit = limit }

    mutating func ask(_ question: UInt64) -> Bool {
      now += 1
      let old = times.updateValue(now, forKey: question)
      uses[now] = question
      if let old { uses[old] = nil }
      while times.count > limit {
        oldest += 1
        if let victim = uses.removeValue(forKey: oldest) { times[victim] = nil }
      }
      return old != nil
    }
  }

  @Test(arguments: [0.7, 0.9, 1.1])
  func itFindsAsMuchAsLRUOnAZipfTrace(skew: Double) {
    let room = 500
    let weight = CachedAnswer.make(1, bytes: 100).weight
    var tier = MemoryTier(limit: room * weight)
    var lru = LRU(limit: room)
    var trace = Trace(skew: skew, seed: 7)
    var hits = (sieve: 0, lru: 0)
    for _ in 0..<100_000 {
      let question = trace.next()
      if lru.ask(question) { hits.lru += 1 }
      if tier.find(.number(question)) != nil {
        hits.sieve += 1
      } else {
        tier.insert(.make(question, bytes: 100))
      }
    }
    #expect(hits.lru > 10_000)
    #expect(hits.sieve >= hits.lru, "SIEVE \(hits.sieve), LRU \(hits.lru)")
  }
}
