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
  }

  /// Answers a JSON-RPC request; a notification (no id) is never answered.
  func call(_ id: [UInt8]?, _ name: String, _ params: JSONValue?, _ now: Moment) {
    do throws(WireError) {
      if let id, outstanding.isUnderWay(id) {
        throw WireError(.invalidRequest, "this id is under way on this connection")
      }
      guard let method = RPCMethod(rawValue: name) else {
        let known = RPCMethod.allCases.map(\.rawValue).joined(separator: ", ")
        throw WireError(
          .unknownMethod, "there is no method \(name.unicodeScalars.prefix(64)); there are \(known)"
        )
      }
      if method == .chat {
        guard let params else {
          throw WireError(.invalidParams, "params is missing: it is the API's body")
        }
        return chat(params, id.map { .call($0) } ?? .notification, now)
      }
      let result = try result(of: method, params, now)
      if let id { LineReplies.write(result: result, id: id, to: &output) }
    } catch {
      note(error)
      if let id { LineReplies.write(error, id: id, to: &output) }
    }
  }

  private func result(
    of method: RPCMethod, _ params: JSONValue?, _ now: Moment
  ) throws(WireError) -> [UInt8] {
    switch method {
    case .chat: throw WireError(.internalError, "chat has no result of its own")
    case .ping: server.reports.ping(client: caller.policy.name, now: now)
    case .status: server.reports.status(now: now)
    case .queueList: server.reports.queue(now: now)
    case .cacheStats: server.reports.cache()
    case .chatCancel: try cancel(params)
    }
  }

  private func cancel(_ params: JSONValue?) throws(WireError) -> [UInt8] {
    var isCancelled = false
    if let id = params?["id"] {
      if let request = outstanding.request(of: Array(id.raw)) {
        isCancelled = server.broker.cancel(request)
      }
    } else if let text = params?["request"]?.string, let request = RequestID(text) {
      isCancelled = try server.broker.cancel(request, by: caller.identity.uid)
    } else {
      throw WireError(
        .invalidParams, "chat.cancel needs the id of a call on this connection, or a request (r-…)")
    }
    return Array(#"{"cancelled":\#(isCancelled)}"#.utf8)
  }

  /// Takes a chat body, from whichever dialect.
  func chat(_ body: JSONValue, _ sender: Sender, _ now: Moment) {
    do throws(WireError) {
      switch try server.desk.take(body, from: caller, by: route, tools: tools, now: now) {
      case .hit(let answer, let info, let form): say(answer, info, form, sender)
      case .asked(let request, let form):
        let place: ReplyForm =
          switch sender {
          case .bare: .bare(order.open())
          case .call(let id): .call(id: id)
          case .notification: .silent
          }
        outstanding.add(
          request,
          .init(form: place, streams: form.streams, includesUsage: form.includesUsage))
      }
    } catch {
      note(error)
      switch sender {
      case .bare:
        var bytes = ByteBuffer()
        LineReplies.write(error, id: nil, to: &bytes)
        sayBare(bytes)
      case .call(let id): LineReplies.write(error, id: id, to: &output)
      case .notification: break
      }
    }
  }

  private func say(
    _ answer: CachedAnswer, _ info: ReplyInfo, _ form: ChatDesk.Form, _ sender: Sender
  ) {
    func write(_ id: [UInt8]?, to output: inout ByteBuffer) {
      self.write(
        answer, info, splits: form.streams, includingUsage: form.includesUsage, id: id, to: &output)
    }
    switch sender {
    case .bare where order.isClear: write(nil, to: &output)
    case .bare:
      var bytes = ByteBuffer()
      write(nil, to: &bytes)
      sayBare(bytes)
    case .call(let id): write(id, to: &output)
    case .notification: break
    }
  }
}
