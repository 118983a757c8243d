import JSON
import Testing

@testable import PromptClient

struct BatchRequestTests {
  private let body = #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#

  private func request(_ line: String) throws -> BatchRequest {
    try BatchRequest(line: Array(line.utf8), number: 7)
  }

  @Test func aLineOfTheBatchAPIHasItsName() throws {
    let line = #"""
      {"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":\#(body)}
      """#
    let found = try request(line)
    #expect(found.customID == "a")
    #expect(String(decoding: found.body, as: UTF8.self) == body)
  }

  @Test func aBareBodyIsNamedAfterItsLine() throws {
    #expect(try request(body).customID == "line-7")
  }

  @Test(arguments: [
    (#"[1]"#, "no object"), (#"{"method":"POST"}"#, "custom_id"),
    (#"{"custom_id":"","url":"/v1/chat/completions"}"#, "custom_id"),
    (#"{"custom_id":"a","method":"GET"}"#, "method must be POST"),
    (#"{"custom_id":"a","url":"/v1/embeddings","body":{"messages":[]}}"#, "url must be"),
    (#"{"custom_id":"a","url":"/v1/chat/completions","body":{}}"#, "no messages"),
  ])
  func whatIsNoneSaysWhy(line: String, message: String) throws {
    let fault = #expect(throws: BatchRequest.Fault.self) { try request(line) }
    #expect(fault?.message.contains(message) == true)
  }

  @Test func aJobIsOfClassLowAndKnownByItsKey() throws {
    let job = try JSONTree(parsing: try request(body).job(key: "k"))
    #expect(job["promptd"]?["priority"]?.string == "low")
    #expect(job["promptd"]?["idempotency_key"]?.string == "k")
    #expect(job["model"]?.string == "m")
  }

  @Test func whatABodySaysOfItselfStays() throws {
    let own = #"{"messages":[],"promptd":{"priority":"high","label":"x","idempotency_key":"z"}}"#
    let job = try JSONTree(parsing: try request(own).job(key: "k"))["promptd"]
    #expect(job?["priority"]?.string == "high")
    #expect(job?["label"]?.string == "x")
    #expect(job?["idempotency_key"]?.string == "k")
  }
}
