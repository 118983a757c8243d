import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

/// What clients do with jobs, and who may: each with its own, administrators with all.
struct JobDesk: Sendable {
  let keeper: JobKeeper

  private static let mostListed = 1000

  /// Takes one of the methods of jobs; its result comes to `route`.
  func take(
    _ method: RPCMethod, _ params: JSONValue?, _ request: RequestID, by route: Route,
    _ caller: Caller, tools: LoopTools, now: Moment
  ) throws(WireError) {
    switch method {
    case .jobSubmit: try submit(params, request, by: route, caller, tools, now)
    case .jobGet:
      look(try Self.id(params), request, by: route, caller) { row in
        .success(JobJSON.whole(row))
      }
    case .jobWait:
      let id = try Self.id(params)
      keeper.waiters.expect(request)
      look(id, request, by: route, caller) { [keeper] row in
        if row.isFinished {
          keeper.waiters.forget(request)
          return .success(JobJSON.whole(row))
        }
        keeper.waiters.add(request, at: route, for: id)
        return nil
      }
    case .jobCancel:
      look(try Self.id(params), request, by: route, caller) { [keeper] in
        Self.cancel($0, keeper)
      }
    case .jobList: try list(params, request, by: route, caller)
    default: throw WireError(.internalError, "\(method.rawValue) is no method of jobs")
    }
  }

  private func submit(
    _ params: JSONValue?, _ request: RequestID, by route: Route, _ caller: Caller,
    _ tools: LoopTools, _ now: Moment
  ) throws(WireError) {
    guard let params else {
      throw WireError(.invalidParams, "params is missing: it is the API's body")
    }
    let body = try ChatBody(params, rules: tools.rules.body)
    try caller.checkModel(of: body)
    let row = JobRow(
      id: tools.nextJobID(now).description, owner: caller.owner.namespace,
      client: caller.policy.name, identity: caller.identity.map(IdentityText.text),
      model: body.model.string ?? "",
      priority: caller.policy.granted(body.options.priority).rawValue,
      idempotencyKey: body.options.idempotencyKey, body: Array(params.raw), submitted: now.wall)
    keeper.submit(.init(row: row, request: request, route: route))
  }

  /// Finds a job that the caller may see, and answers with what `body` makes of it; nil where the
  /// answer comes later.
  private func look(
    _ id: String, _ request: RequestID, by route: Route, _ caller: Caller,
    _ body: @escaping @Sendable (JobRow) -> Result<[UInt8], WireError>?
  ) {
    keeper.look(id) { found in
      let answer: Result<[UInt8], WireError>?
      switch found {
      case .failure(let fault): answer = .failure(fault.wireError)
      case .success(let row?)
      where caller.policy.admin || row.owner == caller.owner.namespace:
        answer = body(row)
      case .success:
        // Another's is none: its name alone says when it was made.
        answer = .failure(
          WireError(.invalidParams, "there is no job \(id) of yours; see job.list", param: "job"))
      }
      if let answer { route.send(.told(answer), of: request) }
    }
  }

  private static func cancel(
    _ row: JobRow, _ keeper: JobKeeper
  ) -> Result<[UInt8], WireError>? {
    var writer = JSONWriter()
    WireError(.cancelled, "the job was cancelled").writeBare(to: &writer)
    do throws(StoreFault) {
      let isCancelled = try keeper.cancel(row, reply: writer.bytes)
      return .success(Array(#"{"cancelled":\#(isCancelled)}"#.utf8))
    } catch {
      return .failure(error.wireError)
    }
  }

  private func list(
    _ params: JSONValue?, _ request: RequestID, by route: Route, _ caller: Caller
  ) throws(WireError) {
    try params.check(["limit"])
    let limit = params?["limit"].flatMap { $0.isNull ? nil : $0 }
    let count = limit?.int ?? (limit == nil ? Self.mostListed : 0)
    guard (1...Self.mostListed).contains(count) else {
      throw WireError(
        .invalidParams, "limit must be a whole number from 1 to \(Self.mostListed)", param: "limit")
    }
    let owner = caller.policy.admin ? nil : caller.owner.namespace
    keeper.latest(owner: owner, count: count) { found in
      route.send(
        .told(found.map(JobJSON.list).mapError(\.wireError)), of: request)
    }
  }

  private static func id(_ params: JSONValue?) throws(WireError) -> String {
    try params.check(["job"])
    guard let text = params?["job"]?.string, let id = JobID(text) else {
      throw WireError(
        .invalidParams, "job is missing: the name (j-…) that job.submit told", param: "job")
    }
    return id.description
  }
}

extension JobRow {
  /// Whether nothing more will come of it.
  var isFinished: Bool { JobState(rawValue: state)?.isFinished ?? false }
}
