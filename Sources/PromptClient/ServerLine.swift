import JSON

/// One line of the daemon's, as it is meant.
enum ServerLine: Equatable {
  /// The result of the call with this id, as JSON.
  case result(id: Int, [UInt8])
  /// The error of a call; without an id it is the whole connection's.
  case failure(id: Int?, DaemonError)
  /// A notification about the call with this id.
  case notification(id: Int, CallEvent)
  /// Something that is none of this client's business.
  case other

  /// Reads the root value of a line; throws `notPromptd` for what no promptd says.
  init(_ root: JSONValue) throws(ClientError) {
    guard root.kind == .object else { throw .notPromptd(reason: "a line is no object") }
    let id = root["id"]?.int
    if let error = root["error"], error.kind == .object {
      self = .failure(id: id, DaemonError(error, in: root))
    } else if root["jsonrpc"]?.isString("2.0") != true {
      throw .notPromptd(reason: "a line is no JSON-RPC 2.0")
    } else if let method = root["method"] {
      self = Self.notification(method, root["params"])
    } else if let id, let result = root["result"] {
      self = .result(id: id, Array(result.raw))
    } else {
      throw .notPromptd(reason: "a line is neither a result nor an error")
    }
  }

  private static func notification(_ method: JSONValue, _ params: JSONValue?) -> ServerLine {
    guard let params, let id = params["id"]?.int else { return .other }
    if method.isString("chat.chunk"), let chunk = params["chunk"] {
      return .notification(id: id, .chunk(Array(chunk.raw)))
    }
    if method.isString("chat.event") {
      return .notification(id: id, .event(Array(params.raw)))
    }
    return .other
  }
}
