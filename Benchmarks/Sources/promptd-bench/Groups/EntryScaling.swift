import Figures
import LoadGenerator
import Peers

/// Hits with few and many answers in the cache: first each from disk, and then, in a cache that
/// holds all of them in memory, from there.
struct EntryScaling: RowGroup {
  static let name = "entries"
  private static let least = 1000

  /// Numbers of entries up to this.
  var most: Int

  func measure(_ bench: Bench, _ show: (Row) -> Void) throws {
    let few = try Cache(bench, Self.least)
    defer { few.daemon.end() }
    show(few.fromDisk)
    for entries in [100_000, 1_000_000] where entries <= most {
      let many = try Cache(bench, entries)
      defer { many.daemon.end() }
      show(many.fromDisk)
      show(
        Row("memory, \(entries) answers in it", try many.daemon.figures().residentMiB, "MiB"))
      let rounds = try Rounds(
        bench.rounds,
        ours: { try bench.rate(many.daemon.endpoint, many.requests) },
        yardstick: { try bench.rate(few.daemon.endpoint, few.requests) })
      show(
        Row("hit from memory, of \(entries) ÷ of \(Self.least)", "/s", rounds, .ratio))
    }
  }

  /// A promptd whose answers have all been asked for once, and so are in memory.
  private struct Cache {
    let daemon: Promptd
    /// One for each entry, in no order.
    let requests: RequestBook
    /// What asking for each the first time took.
    let fromDisk: Row

    init(_ bench: Bench, _ entries: Int) throws {
      var settings = PromptdSettings()
      settings.cacheFile = try bench.filledCache(entries)
      settings.isReplay = true
      settings.memory = "8GiB"
      daemon = try bench.promptd(settings)
      requests = try FilledPrompts.calls((0..<entries).shuffled())
      var load = Load(daemon.endpoint, requests, .requests(entries))
      load.connections = 16
      let figures = try load.run().checked()
      fromDisk = Row(
        "hit from disk, of \(entries), 16 connections", figures.perSecond, "/s")
    }
  }
}
