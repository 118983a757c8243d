import ArgumentParser
import JSON
import PromptConfiguration

/// Which entries of the cache are meant.
struct EntryFilter: ParsableArguments {
  @Option(name: .long, help: "Entries of this model.", completion: DaemonNames.models)
  var model: String?

  @Option(name: .long, help: "Entries that this client paid for.", completion: DaemonNames.clients)
  var client: String?

  @Option(
    name: .long, help: "Entries made longer ago than this, such as 12h or 30d.",
    transform: seconds)
  var olderThan: Double?

  @Option(name: .long, help: "The entry of this key: its digits, or the first 8 or more.")
  var key: String?

  /// Whether nothing is said.
  var isEmpty: Bool { model == nil && client == nil && olderThan == nil && key == nil }

  /// The parameters of a method that takes a filter.
  func params(_ more: (inout JSONWriter) -> Void = { _ in }) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      if let model { writer.member("model", model) }
      if let client { writer.member("client", client) }
      if let olderThan { writer.member("older_than", olderThan) }
      if let key { writer.member("key", key) }
      more(&writer)
    }
    return writer.bytes
  }

  @Sendable private static func seconds(_ text: String) throws -> Double {
    guard let duration = DurationText.duration(text) else {
      throw ValidationError("\(text) is no duration such as 90s, 12h or 30d")
    }
    return Double(duration.components.seconds)
  }
}
