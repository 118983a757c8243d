import JSON
import PromptCore
import PromptProtocol
import Synchronization
import Systemd

/// Tells whoever watches what the log is told, as it happens. While nobody watches it costs nothing.
///
/// It tells every watcher everything: what of it a client may see is for its session to say, which
/// knows the rules that are in force.
final class WatchDesk: Sendable {
  private struct Contents {
    var watchers: [RequestID: Route] = [:]
    var isStopped = false
  }

  /// Each entry is sent to all of them by whoever logs it.
  private static let mostOfOneOwner = 8

  private let log: LogWriter?
  private let contents = Mutex(Contents())

  /// Watches `log`; where there is none, nothing is told.
  init(_ log: LogWriter?) { self.log = log }

  /// `watch`: entries come to `route` until it is given up.
  func begin(
    _ params: JSONValue?, _ request: RequestID, by route: Route
  ) throws(WireError) {
    try params.check(["topics"])
    try Self.checkTopics(params?["topics"])
    let refusal = contents.withLock { contents -> WireError? in
      if contents.isStopped { return .stopping }
      let own = contents.watchers.values.count { $0.owner == route.owner }
      guard own < Self.mostOfOneOwner else {
        return WireError(
          .queueFull, "this user watches \(own) times already; end one of them first")
      }
      contents.watchers[request] = route
      if contents.watchers.count == 1 { log?.watch { [weak self] in self?.tell($0) } }
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Nobody watches there any more.
  func forget(_ request: RequestID) { _ = remove(request) }

  /// Ends it, and tells so; false where nobody watches under this name.
  func cancel(_ request: RequestID) -> Bool {
    guard let route = remove(request) else { return false }
    route.send(.told(.failure(.cancelled)), of: request)
    return true
  }

  /// Ends all: the daemon stops.
  func stop() {
    let requests = contents.withLock { contents in
      contents.isStopped = true
      return Array(contents.watchers.keys)
    }
    for request in requests {
      remove(request)?.send(.told(.failure(.stopping)), of: request)
    }
  }

  private func remove(_ request: RequestID) -> Route? {
    contents.withLock { contents in
      let route = contents.watchers.removeValue(forKey: request)
      if route != nil, contents.watchers.isEmpty { log?.watch(nil) }
      return route
    }
  }

  private func tell(_ entry: LoggedEntry) {
    for (request, route) in contents.withLock({ $0.watchers }) {
      route.send(.logged(entry), of: request)
    }
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
      throw WireError(.invalidParams, #"topics names none; there is "log""#, param: "topics")
    }
  }
}

extension WireError {
  fileprivate static let cancelled = WireError(.cancelled, "the request was cancelled")
}
