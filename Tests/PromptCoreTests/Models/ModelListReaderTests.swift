import JSON
import PromptCore
import PromptProtocol
import Testing

@Suite struct ModelListReaderTests {
  private func result(
    _ body: String, status: Int = 200, failure: WireError? = nil
  ) -> Result<[ListedModel], WireError> {
    var reader = ModelListReader(key: APIKey("sk-mine"))
    reader.responded(status: status)
    for byte in body.utf8 { reader.received([byte]) }
    return reader.ended(failure: failure, parser: JSONParser())
  }

  private func error(_ result: Result<[ListedModel], WireError>) -> WireError? {
    if case .failure(let error) = result { error } else { nil }
  }

  @Test func modelsComeAsTheUpstreamWroteThem() throws {
    let list = try result(#"{"object":"list","data":[{"id":"a","x":1.0},{"id":"b"},{"no":1}]}"#)
      .get()
    #expect(list.map(\.id) == ["a", "b"])
    #expect(String(decoding: list[0].json, as: UTF8.self) == #"{"id":"a","x":1.0}"#)
  }

  @Test(arguments: ["", "<html>", "{}", #"{"data":7}"#])
  func whatIsNoListIsAnError(_ body: String) {
    #expect(error(result(body))?.name == .upstreamError)
  }

  @Test func aRefusalIsPassedOnWithoutTheKey() {
    let error = error(result(#"{"error":{"message":"bad sk-mine"}}"#, status: 401))
    #expect(error?.info.status == 401)
    let body = String(decoding: error?.info.body ?? [], as: UTF8.self)
    #expect(body == #"{"message":"bad (redacted)"}"#)
  }

  @Test func aBrokenCallIsItsOwnError() {
    let gone = WireError(.upstreamUnreachable, "gone")
    #expect(error(result("", failure: gone)) == gone)
  }
}
