import JSON
import PromptCore
import PromptProtocol
import Synchronization

/// Answers who asks for the models, from upstreams that are asked at most every five minutes.
final class ModelDirectory: Sendable {
  private struct Contents {
    var catalog: ModelCatalog
    var askers: [RequestID: (route: Route, models: [Glob]?)] = [:]
  }

  private let contents: Mutex<Contents>
  private let calls: UpstreamCalls

  /// The directory of upstreams with these policies, in the order of their lanes.
  init(_ policies: [UpstreamPolicy], calls: UpstreamCalls) {
    contents = Mutex(Contents(catalog: ModelCatalog(policies)))
    self.calls = calls
  }

  /// Takes over a new configuration: upstreams with their lanes, in file order.
  func reconfigure(_ upstreams: [(lane: Int, policy: UpstreamPolicy)]) {
    perform { $0.catalog.reconfigured(upstreams, now: SystemClock.now.monotonic) }
  }

  /// Somebody asks; the answer, as far as the client may use the models, comes to `route`.
  func ask(_ request: RequestID, by route: Route, models: [Glob]?, now: Moment) {
    perform { contents in
      contents.askers[request] = (route, models)
      return contents.catalog.asked(request, now: now.monotonic)
    }
  }

  /// Nobody waits for this answer any more.
  func forget(_ request: RequestID) {
    contents.withLock { contents in
      if contents.askers.removeValue(forKey: request) != nil { contents.catalog.left(request) }
    }
  }

  /// An upstream's list came, or did not.
  func fetched(lane: Int, _ result: Result<[ListedModel], WireError>) {
    perform { $0.catalog.fetched(lane: lane, result, now: SystemClock.now.monotonic) }
  }

  private func perform(_ event: (inout Contents) -> [ModelCatalog.Action]) {
    let mailboxes = contents.withLock { contents in
      event(&contents).compactMap { action -> LoopMailbox? in
        switch action {
        case .fetch(let lane):
          calls.askForModels(lane: lane)
          return nil
        case .answer(let request, let error):
          guard let (route, models) = contents.askers.removeValue(forKey: request) else {
            return nil
          }
          let result: Result<[UInt8], WireError> =
            error.map { .failure($0) } ?? .success(Self.json(contents.catalog.list(for: models)))
          let isFirst = route.mailbox.append(.told(result), of: request, for: route.session)
          return isFirst ? route.mailbox : nil
        }
      }
    }
    for mailbox in mailboxes { mailbox.wake() }
  }

  private static func json(_ models: [ListedModel]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("object", "list")
      writer.name("data")
      writer.array { writer in for model in models { writer.raw(model.json) } }
    }
    return writer.bytes
  }
}
