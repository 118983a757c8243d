import Dispatch
import JSON
import PromptCore
import PromptProtocol

/// What people do to the queue, and who may: clients to their own requests, administrators to all.
struct QueueDesk: Sendable {
  let broker: Broker
  let log: CallLog
  /// Where the queue is listed, which takes long where much waits.
  private let lists = DispatchQueue(label: "promptd.queue.lists")

  init(broker: Broker, log: CallLog) {
    self.broker = broker
    self.log = log
  }

  /// `queue.list`: what waits and runs, those first that run or start next; the result comes to
  /// `route`.
  func list(
    _ params: JSONValue?, _ request: RequestID, by route: Route, now: Moment
  ) throws(WireError) {
    try params.check(["limit"])
    let limit = try Self.limit(params)
    lists.async { [broker] in
      let rows = broker.look { $0 }.rows(now: now)
      let json = Self.result { writer in
        writer.name("rows")
        writer.array { writer in
          for row in rows.prefix(limit) { writer.object { row.writeMembers(to: &$0) } }
        }
      }
      route.send(.told(.success(json)), of: request)
    }
  }

  private static func limit(_ params: JSONValue?) throws(WireError) -> Int {
    guard let value = params?["limit"], !value.isNull else { return .max }
    guard let limit = value.int, limit >= 0 else {
      throw WireError(.invalidParams, "limit must be a number of rows", param: "limit")
    }
    return limit
  }

  /// `queue.move`: gives a request another class, as far as its mover may.
  func move(_ params: JSONValue?, by caller: Caller, now: Moment) throws(WireError) -> [UInt8] {
    try params.check(["request", "priority"])
    let request = try Self.request(params, "queue.move")
    let asked = try Self.priority(params)
    let granted = min(asked, caller.policy.maxPriority)
    guard try broker.move(request, to: granted, by: caller) else {
      throw WireError(
        .invalidParams,
        "\(request) does not wait: it is over, or its call has begun; queue.list shows what waits",
        param: "request")
    }
    return Self.result {
      $0.member("request", request.description)
      $0.member("priority", granted.name)
      if granted != asked { $0.member("priority_asked", asked.name) }
    }
  }

  /// `queue.cancel`: ends a request, wherever it is.
  func cancel(_ params: JSONValue?, by caller: Caller) throws(WireError) -> [UInt8] {
    try params.check(["request"])
    let request = try Self.request(params, "queue.cancel")
    let isCancelled = try broker.cancel(request, by: caller)
    return Self.result { $0.member("cancelled", isCancelled) }
  }

  /// `queue.pause` and `queue.resume`: one upstream, or all.
  func pause(
    _ params: JSONValue?, _ isPaused: Bool, by caller: Caller
  ) throws(WireError) -> [UInt8] {
    let verb = isPaused ? "pause" : "resume"
    guard caller.policy.admin else {
      throw WireError(.forbidden, "only administrators may \(verb) the queue")
    }
    try params.check(["upstream"])
    let name = try Self.upstream(params)
    let (changed, paused) = broker.pause(name, isPaused)
    guard let changed else {
      throw WireError(
        .invalidParams, "there is no upstream of this name; status shows which there are",
        param: "upstream")
    }
    if !changed.isEmpty { log.note(isPaused, changed, by: caller.policy.name) }
    return Self.result { writer in
      writer.name("paused")
      writer.array { for name in paused { $0.string(name) } }
    }
  }

  // MARK: Params

  private static func request(
    _ params: JSONValue?, _ method: String
  ) throws(WireError) -> RequestID {
    guard let request = params?["request"]?.string.flatMap(RequestID.init) else {
      throw WireError(
        .invalidParams, "\(method) needs a request (r-…), as queue.list shows them",
        param: "request")
    }
    return request
  }

  private static func priority(_ params: JSONValue?) throws(WireError) -> PriorityClass {
    guard let priority = params?["priority"]?.string.flatMap(PriorityClass.init(name:)) else {
      let names = PriorityClass.allCases.map(\.name).joined(separator: ", ")
      throw WireError(
        .invalidParams, "queue.move needs a priority: one of \(names)", param: "priority")
    }
    return priority
  }

  private static func upstream(_ params: JSONValue?) throws(WireError) -> String? {
    guard let upstream = params?["upstream"], !upstream.isNull else { return nil }
    guard let name = upstream.string else {
      throw WireError(
        .invalidParams, "upstream must be a string, not \(upstream.kind.name)", param: "upstream")
    }
    return name
  }

  private static func result(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    return writer.bytes
  }
}

extension QueueRow {
  /// Writes what is known into an object that the caller has opened.
  fileprivate func writeMembers(to writer: inout JSONWriter) {
    writer.member("request", request.description)
    writer.member("client", client)
    writer.member("model", model)
    writer.member("class", priority.name)
    writer.member("state", state.rawValue)
    writer.member("waited_ms", waited)
    if let position { writer.member("position", position) }
    if let eta { writer.member("eta_ms", eta) }
    if let tokens { writer.member("tokens", tokens) }
  }
}
