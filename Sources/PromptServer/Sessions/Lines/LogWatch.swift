import PromptCore
import PromptProtocol
import Systemd

/// The one watch of a connection: which entries of the log its client is shown, and which it missed
/// since it did not read.
struct LogWatch {
  let request: RequestID
  /// Entries that were dropped and not told of.
  private(set) var missed = 0

  init(_ request: RequestID) { self.request = request }

  /// Whether a client may see an entry: administrators all, others those about themselves.
  static func shows(_ entry: LoggedEntry, to policy: ClientPolicy) -> Bool {
    policy.admin || entry.client == policy.name
  }

  /// There was no room for an entry.
  mutating func miss() { missed += 1 }

  /// How many were missed, which is told now.
  mutating func takeMissed() -> Int {
    defer { missed = 0 }
    return missed
  }
}
