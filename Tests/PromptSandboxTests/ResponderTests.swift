import JSON
import PromptSandbox
import TestSupport
import Testing

/// Which requests are served.
@Suite struct ResponderTests {
  @Test(arguments: ["/chat/completions", "/v1/chat/completions", "/a/b/chat/completions?x=/y"])
  func completionsAreServedUnderAnyPath(_ path: String) async throws {
    try await SandboxFixture.run { fixture in
      let response = try await fixture.client().ask(ChatText.body("x"), path: path)
      #expect(try response.content == "x")
    }
  }

  @Test func modelsAreListed() async throws {
    try await SandboxFixture.run { fixture in
      let response = try await fixture.client().ask(method: "GET", path: "/v1/models")
      #expect(response.status == 200)
      #expect(try response.json["object"]?.string == "list")
      let names = try response.json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
      #expect(names.contains("sandbox/echo") && names.contains("sandbox/trickle"))
      #expect(fixture.calls.record.started == 0)
    }
  }

  @Test(arguments: [
    ("GET", "/v1/chat/completions"), ("POST", "/v1/models"), ("POST", "/v1/completions"),
    ("GET", "/"),
  ])
  func otherRequestsAreNotFound(_ method: String, _ path: String) async throws {
    try await SandboxFixture.run { fixture in
      let response = try await fixture.client().ask("{}", method: method, path: path)
      #expect(response.status == 404)
      #expect(try response.json["error"]?["code"]?.int == 404)
      #expect(try response.json["error"]?["message"]?.string?.contains(path) == true)
      #expect(fixture.calls.record.started == 0)
    }
  }

  @Test(arguments: ["", "{", "[]", "nonsense", #"{"model":"m","#])
  func malformedBodiesAreRefusedAndTheConnectionGoesOn(_ body: String) async throws {
    try await SandboxFixture.run { fixture in
      let client = try fixture.client()
      let response = try await client.ask(body)
      #expect(response.status == 400)
      #expect(try response.json["error"]?["message"]?.string?.isEmpty == false)
      #expect(try await client.ask(ChatText.body("x")).content == "x")
      #expect(fixture.calls.record.started == 2)
    }
  }
}
