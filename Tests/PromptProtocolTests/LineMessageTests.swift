import JSON
import PromptProtocol
import Testing

struct LineMessageTests {
  /// What became of a line, in a form that can be compared.
  private enum Outcome: Equatable {
    case bare
    case call(id: String?, method: String, params: String?)
    case rpcFault(ErrorName, id: String?, message: String)
    case unknownFault(ErrorName, param: String?)
  }

  private func outcome(_ line: String) throws -> Outcome {
    func text(_ value: JSONValue?) -> String? {
      value.map { String(decoding: $0.raw, as: UTF8.self) }
    }
    return try withJSON(line) { root in
      do throws(LineMessage.Fault) {
        switch try LineMessage(root) {
        case .bare: return .bare
        case .call(let id, let method, let params):
          return .call(id: text(id), method: method, params: text(params))
        }
      } catch {
        switch error.dialect {
        case .rpc(let id):
          return .rpcFault(
            error.error.name, id: id.map { String(decoding: $0, as: UTF8.self) },
            message: error.error.message)
        case .unknown: return .unknownFault(error.error.name, param: error.error.param)
        }
      }
    }
  }

  @Test(arguments: [
    #"{"messages":[]}"#, #"{"messages":null}"#, #"{"model":"m","messages":7,"id":1,"method":"x"}"#,
    #"{"m\u0065ssages":[]}"#,
  ])
  func aLineWithMessagesAndNoJSONRPCIsABody(line: String) throws {
    #expect(try outcome(line) == .bare)
  }

  @Test(arguments: [
    "1", "\"1\"", "1.50", "-0", "\"\"", "1e2", #""\u0041\/""#, "18446744073709551615",
  ])
  func anIdIsEchoedByteForByte(id: String) throws {
    #expect(
      try outcome(#"{"jsonrpc":"2.0","id": \#(id) ,"method":"ping"}"#)
        == .call(id: id, method: "ping", params: nil))
    #expect(
      try outcome(#"{"jsonrpc":"2.0","id": \#(id) }"#)
        == .rpcFault(.invalidRequest, id: id, message: "method is missing, or is no string"))
  }

  @Test func aRequestWithoutAnIdIsANotification() throws {
    #expect(
      try outcome(#"{"jsonrpc":"2.0","method":"chat","params":{"a": 1}}"#)
        == .call(id: nil, method: "chat", params: #"{"a": 1}"#))
  }

  @Test func aLineWithJSONRPCIsACallThoughItHasMessages() throws {
    #expect(
      try outcome(#"{"messages":[],"\u006asonrpc":"2.\u0030","id":1,"method":"p\u0069ng"}"#)
        == .call(id: "1", method: "ping", params: nil))
  }

  @Test func anUnknownMethodIsStillACall() throws {
    #expect(
      try outcome(#"{"jsonrpc":"2.0","id":1,"method":"rpc.none"}"#)
        == .call(id: "1", method: "rpc.none", params: nil))
  }

  @Test(arguments: ["2.0", "2", "null", "\"1.0\"", "\"2\"", "\"2.0 \"", "[]"])
  func anotherVersionIsRefusedAsJSONRPC(version: String) throws {
    #expect(
      try outcome(#"{"jsonrpc":\#(version),"id":7,"method":"ping","messages":[]}"#)
        == .rpcFault(.invalidRequest, id: "7", message: "jsonrpc must be the string 2.0"))
  }

  @Test(arguments: ["null", "true", "[1]", "{}"])
  func anIdThatIsNoStringOrNumberIsRefusedAndNotEchoed(id: String) throws {
    #expect(
      try outcome(#"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#)
        == .rpcFault(.invalidRequest, id: nil, message: "id must be a string or a number"))
  }

  @Test(arguments: ["7", "null", "[]", "{}", "true"])
  func aMethodThatIsNoStringIsRefused(method: String) throws {
    #expect(
      try outcome(#"{"jsonrpc":"2.0","id":7,"method":\#(method)}"#)
        == .rpcFault(.invalidRequest, id: "7", message: "method is missing, or is no string"))
  }

  @Test(arguments: ["7", "null", "[]", "\"x\""])
  func paramsThatAreNoObjectAreRefused(params: String) throws {
    #expect(
      try outcome(#"{"jsonrpc":"2.0","id":7,"method":"ping","params":\#(params)}"#)
        == .rpcFault(.invalidRequest, id: "7", message: "params must be an object"))
  }

  @Test(arguments: ["1", "\"x\"", "null", "true", "[]", "[{\"jsonrpc\":\"2.0\"}]"])
  func aLineThatIsNoObjectMightBeEitherDialect(line: String) throws {
    #expect(try outcome(line) == .unknownFault(.invalidRequest, param: nil))
  }

  @Test(arguments: ["{}", #"{"model":"m"}"#, #"{"id":1,"method":"ping"}"#])
  func anObjectThatIsNeitherIsToldWhatIsMissing(line: String) throws {
    #expect(try outcome(line) == .unknownFault(.invalidParams, param: "messages"))
  }

  @Test func aBatchIsToldToUseLines() throws {
    try withJSON("[]") { root in
      do throws(LineMessage.Fault) {
        _ = try LineMessage(root)
        Issue.record("a batch was taken")
      } catch {
        #expect(
          error.error.message
            == "a line must be a JSON object, not an array: a batch here is one line for each request"
        )
      }
    }
  }
}
