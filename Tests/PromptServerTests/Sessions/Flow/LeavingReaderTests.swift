import JSON
import TestSupport
import Testing

/// Clients that go while much waits for them.
@Suite(.timeLimit(.minutes(5)))
struct LeavingReaderTests {
  /// A session whose client is found to be gone in the middle of a turn held its event loop for ever.
  @Test func whoGoesWithMuchUnreadHoldsNobodyUp() async throws {
    try await DaemonFixture.run { daemon in
      let model = "sandbox/huge?bytes=1048576"
      let line = ChatLine.bare("x", model: model, more: #","stream":true"#)
      let first = try daemon.client()
      try await first.send(ChatLine.bare("x", model: model))
      _ = try await first.reply()
      for _ in 1...30 {
        let leaver = try daemon.client()
        for _ in 1...3 { try await leaver.send(line) }
        _ = try await leaver.reply()
        leaver.close()
      }
      // Some on each event loop.
      for _ in 1...8 {
        let ping = try await daemon.client().ask(ChatLine.call(1, "ping"))
        #expect(ping["result"] != nil)
      }
    }
  }
}
