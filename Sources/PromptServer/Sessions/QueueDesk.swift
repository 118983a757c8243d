import JSON
import PromptCore
import PromptProtocol

/// What people do to the queue, and who may: clients to their own requests, administrators to all.
struct QueueDesk: Sendable {
  let broker: Broker
  let log: CallLog

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
