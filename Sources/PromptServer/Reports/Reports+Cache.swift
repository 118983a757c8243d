import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

extension Reports {
  /// Writes what the cache holds and what it has done.
  func writeCache(_ tally: Tally, to writer: inout JSONWriter) {
    let clients = clients.all.map(\.figures)
    let figures = memory.figures
    writer.name("memory")
    writer.object {
      $0.member("entries", figures.entries)
      $0.member("bytes", figures.bytes)
      $0.member("limit", figures.limit)
    }
    writer.name("disk")
    writer.object { writeDisk(to: &$0) }
    writer.name("hits")
    writer.object {
      $0.member("memory", clients.reduce(tally.lateHits) { $0 + $1.memoryHits })
      $0.member("disk", tally.diskHits)
    }
    writer.member("misses", tally.misses)
    writer.member("joined", tally.joined)
    writer.member("stale", tally.stale)
    writer.member("stored", tally.stored)
    writer.name("not_stored")
    writer.object {
      for (reason, count) in tally.notStored.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        $0.name(reason.rawValue)
        $0.integer(count)
      }
    }
    writeSavings(to: &writer)
  }

  private func writeSavings(to writer: inout JSONWriter) {
    let saved = usage.saved()
    writer.name("saved")
    writer.object { writer in
      saved.values.reduce(into: UsageFigures(), +=).writeSavings(to: &writer)
    }
    writer.name("saved_by_client")
    writer.array { writer in
      for (client, figures) in saved.sorted(by: { $0.key < $1.key }) {
        writer.object {
          $0.member("client", client)
          figures.writeSavings(to: &$0)
        }
      }
    }
  }

  private func writeDisk(to writer: inout JSONWriter) {
    let statistics = store.statistics()
    writer.member("entries", statistics.entries)
    writer.member("bytes", statistics.bytes)
    writer.member("limit", diskLimit)
    writer.member("state", storeState)
  }

  /// The health of the disk tier in a word, with the reason where it is ill.
  var storeState: String { Self.state(store.statistics().trouble) }

  /// The health of a file in a word, with the reason where it is ill.
  static func state(_ trouble: String?) -> String { trouble.map { "degraded: \($0)" } ?? "serving" }
}
