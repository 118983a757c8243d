import JSON
import PromptSandbox
import TestSupport
import Testing

/// What goes upstream is what the caller wrote, but for the members that are promptd's.
@Suite struct UpstreamBodyTests {
  private static let odd =
    #"{ "seed":9007199254740993 ,"temperature":1.0,"top_p":5e-1,"model":"sandbox\/echo","#
    + #""messages":[{"role":"user","content":"caf\u00e9 😀 \ud83d\ude00 \"q\" \\"}],"#
    + #""x_unknown":{"b":1.50,"a":[ ]},"response_format":{"type":"json_schema","json_schema":"#
    + #"{"name":"n","schema":{"z":1,"a":{"type":"object","properties":{"y":{},"b":{}}}}}}}"#

  /// The body that reached the upstream for this line.
  private func sent(_ line: String) async throws -> String {
    var body = ""
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await client.send(line)
      let record = await daemon.sandbox.calls.waitUntil { $0.started == 1 }
      body = record.bodies.first ?? ""
    }
    return body
  }

  @Test func aBodyGoesOnByteForByte() async throws {
    #expect(try await sent(Self.odd) == Self.odd)
  }

  @Test func onlyOurOwnMemberIsTakenOut() async throws {
    let own = #""promptd":{"label":"x"}"#
    for line in [
      Self.odd.replacing("{ \"seed\"", with: "{\(own), \"seed\""),
      Self.odd.replacing(",\"temperature\"", with: ",\(own),\"temperature\""),
      String(Self.odd.dropLast()) + ",\(own)}",
    ] {
      let body = try await sent(line)
      #expect(!body.contains("promptd"))
      #expect(
        body.filter { !$0.isWhitespace } == Self.odd.filter { !$0.isWhitespace }, "\(body)")
    }
  }

  @Test func aStreamAsksForItsUsageAndNothingElseChanges() async throws {
    let line = String(Self.odd.dropLast()) + #","stream":true}"#
    #expect(
      try await sent(line)
        == String(line.dropLast()) + #","stream_options":{"include_usage":true}}"#)
    let asked =
      String(Self.odd.dropLast())
      + #","stream":true,"stream_options":{"include_usage":true,"x":1}}"#
    #expect(try await sent(asked) == asked)
  }

  @Test func anImageOf20MiBGoesThrough() async throws {
    let data = String(repeating: "QUJD", count: (20 << 20) / 4)
    let line =
      #"{"model":"sandbox/echo","messages":[{"role":"user","content":[{"type":"text","text":"see"},"#
      + #"{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(data)"}}]}]}"#
    #expect(try await sent(line).utf8.count == line.utf8.count)
  }
}
