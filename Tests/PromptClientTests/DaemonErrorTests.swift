import JSON
import PromptProtocol
import Testing

@testable import PromptClient

struct DaemonErrorTests {
  private func read(_ json: String) throws -> DaemonError {
    try JSONParser().withDocument(of: Array(json.utf8)) { DaemonError($0, in: $0) }
  }

  /// What the daemon writes is what the client reads, in either dialect.
  @Test(arguments: ErrorName.allCases)
  func everyErrorKeepsItsNameAndExitCode(name: ErrorName) throws {
    var error = WireError(name, "do this", param: "messages[2].role")
    error.info.retryAfter = 2.5
    error.info.body = Array(#"{"error":{"message":"too long"}}"#.utf8)
    var writer = JSONWriter()
    error.writeRPC(to: &writer)
    let rpc = try read(String(decoding: writer.bytes, as: UTF8.self))
    #expect(rpc.name == name)
    #expect(rpc.exitCode == name.exitCode)
    #expect(rpc.param == "messages[2].role")
    #expect(rpc.retryAfter == 2.5)
    #expect(rpc.reason == "too long")

    writer.clear()
    error.writeBare(to: &writer)
    let bare = try JSONParser().withDocument(of: writer.bytes) { root in
      root["error"].map { DaemonError($0, in: root) }
    }
    #expect(bare?.name == name)
    #expect(bare?.message == "do this" && bare?.reason == "too long" && bare?.retryAfter == 2.5)
  }

  @Test func anUnknownNameIsKept() throws {
    let error = try read(#"{"message":"new","data":{"type":"brand_new"}}"#)
    #expect(error.type == "brand_new")
    #expect(error.name == nil)
    #expect(error.exitCode == 76)
  }

  @Test func whatTheUpstreamSaidIsPartOfTheText() throws {
    func text(_ body: String) throws -> String {
      let data = #"{"type":"upstream_error","status":400,"body":\#(body)}"#
      return try read(#"{"message":"refused","data":\#(data)}"#).description
    }
    for body in [
      #"{"error":{"message":"too long"}}"#, #"{"message":"too long"}"#, #"{"error":"too long"}"#,
    ] { #expect(try text(body) == "refused: too long (upstream_error)") }
    for body in ["null", "7", #"{"error":{}}"#, "[]"] {
      #expect(try text(body) == "refused (upstream_error)")
    }
    let long = String(repeating: "x", count: 10_000)
    #expect(try text(#"{"message":"\#(long)"}"#).count < 600)
  }

  @Test func theTextSaysWhenToTryAgain() {
    let error = DaemonError(type: "queue_full", message: "the queue is full", retryAfter: 2)
    #expect(error.description == "the queue is full; try again in 2 s (queue_full)")
    #expect(error.exitCode == 75)
  }

  @Test func anErrorWithoutMembersIsReadable() throws {
    #expect(try read("{}").exitCode == 70)
  }
}
