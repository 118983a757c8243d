import JSON
import Testing

@testable import PromptClient

struct ServerLineTests {
  private func read(_ json: String) throws -> ServerLine {
    try JSONParser().withDocument(of: Array(json.utf8)) { try ServerLine($0) }
  }

  @Test func aResultIsTakenByteForByte() throws {
    let line = try read(#"{"jsonrpc":"2.0","id":7,"result":{"a": 1.50}}"#)
    #expect(line == .result(id: 7, Array(#"{"a": 1.50}"#.utf8)))
  }

  @Test func notificationsFindTheirCall() throws {
    let chunk = try read(
      #"{"jsonrpc":"2.0","method":"chat.chunk","params":{"id":7,"chunk":{"c":1}}}"#)
    #expect(chunk == .notification(id: 7, .chunk(Array(#"{"c":1}"#.utf8))))
    let event = try read(
      #"{"jsonrpc":"2.0","method":"chat.event","params":{"id":7,"event":"queued"}}"#)
    #expect(event == .notification(id: 7, .event(Array(#"{"id":7,"event":"queued"}"#.utf8))))
  }

  @Test func notificationsThatNobodyKnowsArePassedOver() throws {
    #expect(try read(#"{"jsonrpc":"2.0","method":"news","params":{"id":7}}"#) == .other)
    #expect(try read(#"{"jsonrpc":"2.0","method":"chat.chunk"}"#) == .other)
  }

  @Test func anErrorWithoutAnIdIsTheConnections() throws {
    let error = DaemonError(type: "too_many_connections", message: "later")
    let bare = #"{"error":{"message":"later","type":"too_many_connections"},"promptd":{}}"#
    #expect(try read(bare) == .failure(id: nil, error))
    let rpc =
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"later","data":"#
      + #"{"type":"too_many_connections"}}}"#
    #expect(try read(rpc) == .failure(id: nil, error))
  }

  @Test(arguments: ["[]", "{}", #"{"jsonrpc":"1.0","id":1,"result":1}"#, #"{"jsonrpc":"2.0"}"#])
  func whatNoPromptdSaysIsRefused(json: String) {
    #expect(throws: ClientError.self) { try read(json) }
  }
}
