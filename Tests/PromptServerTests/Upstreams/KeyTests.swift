import JSON
import TestSupport
import Testing

/// The key that an upstream is shown.
@Suite(.timeLimit(.minutes(5))) struct KeyTests {
  @Test func aRejectedKeyIsSeenUntilANewOneIsReadAndTaken() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("sk-old-0123456789", to: "key")
    let good = "Bearer sk-new-0123456789"
    let script: ScriptedUpstream.Script = { request, _ in
      let key = request.headers["authorization"] ?? "none"
      // Some servers say in their complaint what they were shown.
      let complaint = #"{"error":{"message":"\#(key) is not valid"}}"#
      return [
        .send(
          key == good ? Answers.good(request) : Answers.whole(complaint, status: "401 Who"))
      ]
    }
    // The key's file goes in the place of `auth`, which the fixture's table has.
    try await DaemonFixture.run(calling: script) { daemon, upstream in
      try daemon.rewrite {
        $0 = $0.replacing(#"auth = "none""#, with: #"api_key_file = "\#(file)""#)
      }
      let client = try daemon.client()
      func ask(_ text: String) async throws -> JSONTree {
        try await client.ask(ChatLine.bare(text))
      }
      func isRejected() async throws -> Bool {
        let status = try await client.ask(ChatLine.call(1, "status"))["result"]
        return status?["upstreams"]?[0]?["key_rejected"]?.bool ?? false
      }
      func reload() async throws -> String? {
        let result = try await client.ask(ChatLine.call(2, "reload"))["result"]
        return result?["changed"]?.array?.compactMap(\.string).joined(separator: " ")
      }
      #expect(try await reload() == "upstream.scripted.api_key_file upstream.scripted.auth")
      let refused = try await ask("one")
      #expect(refused["promptd"]?["status"]?.int == 401)
      #expect(refused["promptd"]?["attempts"]?.int == 1)
      #expect(!refused.text.contains("sk-old"), "the upstream's echo of the key is taken out")
      #expect(try await isRejected())
      _ = try folder.write("sk-new-0123456789", to: "key")
      #expect(try await reload() == "upstream.scripted.key")
      #expect(try await !isRejected(), "it is to be seen")
      #expect(try await ask("two")["promptd"]?["cache"]?.string == "miss")
      #expect(try await !isRejected())
    }
  }
}
