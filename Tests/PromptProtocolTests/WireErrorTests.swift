import JSON
import PromptProtocol
import Testing

struct WireErrorTests {
  private let error = WireError(
    .invalidParams, "temperature must be \"less\"", param: "temperature")

  @Test func jsonRPCGetsTheCodeAndTheDetailsAsData() {
    #expect(
      written { error.writeRPC(to: &$0) }
        == #"{"code":-32602,"message":"temperature must be \"less\"","#
        + #""data":{"type":"invalid_params","param":"temperature"}}"#)
  }

  @Test func bareLinesGetTheErrorObjectOfTheAPI() {
    #expect(
      written { error.writeBare(to: &$0) }
        == #"{"error":{"message":"temperature must be \"less\"","type":"invalid_params","#
        + #""code":null,"param":"temperature"},"promptd":{}}"#)
  }

  @Test func whatIsKnownOfTheRequestGoesWithTheError() {
    var info = ReplyInfo()
    info.attempts = 3
    info.retryAfter = 2
    let error = WireError(.queueFull, "try later", info: info)
    #expect(
      written { error.writeRPC(to: &$0) }
        == #"{"code":-32001,"message":"try later","#
        + #""data":{"type":"queue_full","attempts":3,"retry_after":2}}"#)
    #expect(
      written { error.writeBare(to: &$0) }
        == #"{"error":{"message":"try later","type":"queue_full","code":null,"param":null},"#
        + #""promptd":{"attempts":3,"retry_after":2}}"#)
  }

  @Test func itDescribesItselfByNameAndMessage() {
    #expect(WireError(.notCached, "no entry").description == "not_cached: no entry")
  }
}
