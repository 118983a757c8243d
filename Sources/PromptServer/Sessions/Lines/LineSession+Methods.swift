import JSON
import NIOCore
import PromptCore
import PromptProtocol

/// The methods of the line dialect.
extension LineSession {
  /// How the sender of a chat body expects its reply.
  enum Sender {
    case bare
    case call([UInt8])
    case notification

    var isBare: Bool {
      switch self {
      case .bare: true
      case .call, .notification: false
      }
    }
  }

  /// Answers a JSON-RPC request; a notification (no id) is never answered.
  func call(_ id: [UInt8]?, _ name: String, _ params: JSONValue?, _ now: Moment) {
    let form: ReplyForm = id.map { .call(id: $0) } ?? .silent
    do throws(WireError) {
      if let id, outstanding.isUnderWay(id) {
        throw WireError(.invalidRequest, "this id is under way on this connection")
      }
      guard let method = RPCMethod(rawValue: name) else {
        let known = RPCMethod.allCases.map(\.rawValue).joined(separator: ", ")
        throw WireError(
          .unknownMethod,
          "there is no method \(String(name.unicodeScalars.prefix(40))); there are \(known)"
        )
      }
      if method == .chat {
        guard let params else {
          throw WireError(.invalidParams, "params is missing: it is the API's body")
        }
        return chat(params, id.map { .call($0) } ?? .notification, now)
      }
      switch method {
      case .models: return askModels(form, now)
      case .reload, .logLevel: return try askReloader(method, params, form, now)
      case .watch:
        // To a notification nothing is ever said.
        guard id != nil else { return }
        guard watch == nil else {
          throw WireError(.invalidRequest, "this connection watches already")
        }
        let request = tools.nextRequestID(now)
        try server.watches.begin(params, request, by: route)
        watch = LogWatch(request)
        return outstanding.add(request, .init(form: form))
      case .cacheExplain, .cacheList, .cacheGet, .cachePurge, .cacheExport, .cacheImport,
        .cacheVerify:
        return try askCache(method, params, form, now)
      case .usage:
        return try hand(params, form, now) { request throws(WireError) in
          try server.usage.take(params, request, by: route, caller)
        }
      case .queueList:
        return try hand(params, form, now) { request throws(WireError) in
          try server.queue.list(params, request, by: route, now: now)
        }
      case .jobSubmit, .jobGet, .jobWait, .jobList, .jobCancel:
        return try askJobs(method, params, form, now)
      default: break
      }
      say(result: try result(of: method, params, now), to: form)
    } catch {
      say(error, to: form)
    }
  }

  private func result(
    of method: RPCMethod, _ params: JSONValue?, _ now: Moment
  ) throws(WireError) -> [UInt8] {
    switch method {
    case .chat, .jobSubmit, .jobGet, .jobWait, .jobList, .jobCancel, .models, .usage, .watch,
      .queueList,
      .reload, .logLevel, .cacheExplain, .cacheList, .cacheGet, .cachePurge, .cacheExport,
      .cacheImport, .cacheVerify:
      throw WireError(.internalError, "the result does not come at once")
    case .ping: server.reports.ping(client: caller.policy.name, now: now)
    case .status: server.reports.status(now: now)
    case .queueMove: try server.queue.move(params, by: caller, now: now)
    case .queueCancel: try server.queue.cancel(params, by: caller)
    case .queuePause: try server.queue.pause(params, true, by: caller)
    case .queueResume: try server.queue.pause(params, false, by: caller)
    case .cacheStats: server.reports.cache()
    case .metrics: server.reports.metricsResult(now: now)
    case .configGet: try server.reloader.told(params, to: caller)
    case .chatCancel: try cancel(params)
    }
  }

  private func askModels(_ form: ReplyForm, _ now: Moment) {
    let request = tools.nextRequestID(now)
    outstanding.add(request, .init(form: form))
    server.models.ask(request, by: route, models: caller.models, now: now)
  }

  private func askReloader(
    _ method: RPCMethod, _ params: JSONValue?, _ form: ReplyForm, _ now: Moment
  ) throws(WireError) {
    try hand(params, form, now) { request throws(WireError) in
      try server.reloader.take(method, params, request, by: route, caller)
    }
  }

  private func askCache(
    _ method: RPCMethod, _ params: JSONValue?, _ form: ReplyForm, _ now: Moment
  ) throws(WireError) {
    try hand(params, form, now) { request throws(WireError) in
      try server.cache.take(method, params, request, by: route, caller, tools: tools, now: now)
    }
  }

  private func askJobs(
    _ method: RPCMethod, _ params: JSONValue?, _ form: ReplyForm, _ now: Moment
  ) throws(WireError) {
    try hand(params, form, now) { request throws(WireError) in
      try server.jobs.take(method, params, request, by: route, caller, tools: tools, now: now)
    }
  }

  /// Hands a request to a desk that answers later; what the desk refuses at once is not outstanding.
  private func hand(
    _ params: JSONValue?, _ form: ReplyForm, _ now: Moment,
    to take: (RequestID) throws(WireError) -> Void
  ) throws(WireError) {
    if account.isFull { throw BufferAccount.refusal }
    let request = tools.nextRequestID(now)
    try take(request)
    outstanding.add(request, .init(form: form, bodyBytes: params?.raw.count ?? 0))
  }

  private func cancel(_ params: JSONValue?) throws(WireError) -> [UInt8] {
    var isCancelled = false
    if let id = params?["id"], !id.isNull {
      if let request = outstanding.request(of: Array(id.raw)) {
        isCancelled = server.broker.cancel(request) || server.watches.cancel(request)
      }
    } else if let text = params?["request"]?.string, let request = RequestID(text) {
      isCancelled = try server.broker.cancel(request, by: caller)
    } else {
      throw WireError(
        .invalidParams, "chat.cancel needs the id of a call on this connection, or a request (r-…)")
    }
    return Array(#"{"cancelled":\#(isCancelled)}"#.utf8)
  }

  /// Takes a chat body, from whichever dialect.
  func chat(_ body: JSONValue, _ sender: Sender, _ now: Moment) {
    do throws(WireError) {
      switch try server.desk.take(
        body, from: caller, by: route, isFull: account.isFull,
        noted: .init(isNested: !sender.isBare, namespace: caller.namespace), tools: tools, now: now)
      {
      case .hit(let hit): say(hit, to: sender)
      case .asked(let request, let wants):
        let bodyBytes = body.raw.count
        outstanding.add(
          request, .init(form: place(of: sender), wants: wants, bodyBytes: bodyBytes))
      }
    } catch {
      say(error, to: place(of: sender))
    }
  }

  /// Says an answer that was found at once.
  func say(_ hit: Hit, to sender: Sender) {
    let wants = ChatDesk.Form(hit.known)
    say(
      hit.answer, hit.info, to: place(of: sender), splits: wants.streams,
      includesUsage: wants.includesUsage)
  }

  /// Where the reply goes; a bare line takes its place among the others.
  private func place(of sender: Sender) -> ReplyForm {
    switch sender {
    case .bare: .bare(order.open())
    case .call(let id): .call(id: id)
    case .notification: .silent
    }
  }
}
