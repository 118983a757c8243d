import JSON
import PromptCore
import PromptProtocol
import Synchronization
import Systemd

/// Tells whoever watches what the log is told, as it happens: administrators everything, others what
/// is about their own client. While nobody watches it costs nothing.
final class WatchDesk: Sendable {
  private struct Watcher {
    var route: Route
    /// The one client whose entries it sees; nil for all entries.
    var client: String?

    func end(_ request: RequestID, _ error: WireError) {
      route.send(.told(.failure(error)), of: request)
    }
  }

  private let log: LogWriter?
  private let watchers = Mutex<[RequestID: Watcher]>([:])

  /// Watches `log`; where there is none, nothing is told.
  init(_ log: LogWriter?) { self.log = log }

  /// `watch`: entries come to `route` until it is given up.
  func begin(
    _ params: JSONValue?, _ request: RequestID, by route: Route, _ caller: Caller
  ) throws(WireError) {
    try params.check(["topics"])
    try Self.checkTopics(params?["topics"])
    let watcher = Watcher(route: route, client: caller.policy.admin ? nil : caller.policy.name)
    watchers.withLock { watchers in
      watchers[request] = watcher
      if watchers.count == 1 { log?.watch { [weak self] in self?.tell($0) } }
    }
  }

  /// Nobody watches there any more.
  func forget(_ request: RequestID) { _ = remove(request) }

  /// Ends it, and tells so; false where nobody watches under this name.
  func cancel(_ request: RequestID) -> Bool {
    guard let watcher = remove(request) else { return false }
    watcher.end(request, WireError(.cancelled, "the request was cancelled"))
    return true
  }

  /// Ends all: the daemon stops.
  func stop() {
    for request in watchers.withLock({ Array($0.keys) }) {
      remove(request)?.end(
        request, WireError(.shuttingDown, "promptd is stopping; watch again in a moment"))
    }
  }

  private func remove(_ request: RequestID) -> Watcher? {
    watchers.withLock { watchers in
      let watcher = watchers.removeValue(forKey: request)
      if watcher != nil, watchers.isEmpty { log?.watch(nil) }
      return watcher
    }
  }

  private func tell(_ entry: LoggedEntry) {
    let meant = watchers.withLock { watchers in
      watchers.filter { $0.value.client == nil || $0.value.client == entry.client }
    }
    guard !meant.isEmpty else { return }
    for (request, watcher) in meant { watcher.route.send(.notice(entry.json), of: request) }
  }

  private static func checkTopics(_ topics: JSONValue?) throws(WireError) {
    guard let topics, topics.kind == .array else {
      throw WireError(
        .invalidParams, #"topics is missing: it is an array, as ["log"]"#, param: "topics")
    }
    var count = 0
    for topic in topics.elements {
      guard topic.isString("log") else {
        throw WireError(
          .invalidParams, #"there is one topic, "log""#, param: "topics[\(count)]")
      }
      count += 1
    }
    guard count > 0 else {
      throw WireError(.invalidParams, "topics names none; there is \"log\"", param: "topics")
    }
  }
}
