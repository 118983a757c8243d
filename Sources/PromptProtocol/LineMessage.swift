package import JSON

/// One line as it is meant: an API body, or a JSON-RPC 2.0 request.
package enum LineMessage {
  case bare(JSONValue)
  /// Without an id it is a notification and is never answered.
  case call(id: JSONValue?, method: String, params: JSONValue?)

  /// Why a line is no message, and how its sender expects to be told.
  package struct Fault: Error {
    package var error: WireError
    package var dialect: Dialect

    /// The form of the answer to a line that could not be understood.
    package enum Dialect {
      /// The line was JSON-RPC for sure; its id as written, nil when it had no good one.
      case rpc(id: [UInt8]?)
      /// It might have been either.
      case unknown
    }
  }

  /// Reads the root value of a line.
  package init(_ root: JSONValue) throws(Fault) {
    guard root.kind == .object else {
      let batch = root.kind == .array ? ": a batch here is one line for each request" : ""
      throw Fault(
        error: WireError(
          .invalidRequest, "a line must be a JSON object, not \(root.kind.name)\(batch)"),
        dialect: .unknown)
    }
    if let version = root["jsonrpc"] {
      self = try Self.call(root, version)
    } else if root["messages"] != nil {
      self = .bare(root)
    } else {
      throw Fault(
        error: WireError(
          .invalidParams,
          "messages is missing: a line is an API body with messages, or a JSON-RPC 2.0 request",
          param: "messages"),
        dialect: .unknown)
    }
  }

  private static func call(_ root: JSONValue, _ version: JSONValue) throws(Fault) -> LineMessage {
    let id = root["id"]
    let isGoodID = id.map { $0.kind == .string || $0.kind == .integer || $0.kind == .double }
    let dialect = Fault.Dialect.rpc(id: isGoodID == true ? id.map { Array($0.raw) } : nil)
    func refuse(_ text: String) -> Fault {
      Fault(error: WireError(.invalidRequest, text), dialect: dialect)
    }
    guard version.isString("2.0") else { throw refuse("jsonrpc must be the string 2.0") }
    if isGoodID == false { throw refuse("id must be a string or a number") }
    guard let method = root["method"]?.string else {
      throw refuse("method is missing, or is no string")
    }
    let params = root["params"]
    if let params, params.kind != .object { throw refuse("params must be an object") }
    return .call(id: id, method: method, params: params)
  }
}
