import Foundation
import JSON
import TestSupport
import Testing

/// What a daemon leaves behind that is killed in the middle of its writes.
@Suite struct KilledWhileWritingTests {
  private static let kept = "keep_sandbox = true"
  /// As many as `PROMPTD_ROUNDS` says.
  private static let rounds =
    ProcessInfo.processInfo.environment["PROMPTD_ROUNDS"].flatMap(Int.init) ?? 2

  private func question(_ number: Int) -> String {
    ChatLine.bare("question \(number) of many", more: #","stream":false"#)
  }

  @Test func theFileOpensAndEverythingInItIsRight() async throws {
    let folder = try TemporaryFolder()
    var generator = SystemRandomNumberGenerator()
    var asked = 0
    for _ in 0..<Self.rounds {
      let daemon = try await RunningDaemon.start(in: folder, cache: Self.kept)
      // After so many of ten thousand answers it is killed, while others are on their way to disk.
      let count = 10_000
      let last = Int.random(in: 0..<count, using: &generator)
      let client = try daemon.client()
      let lines = (asked..<asked + count).map { question($0) + "\n" }.joined()
      asked += count
      async let sent: Void = client.send(Array(lines.utf8))
      for _ in 0...last { #expect(try await client.reply()["choices"] != nil) }
      daemon.program.signal(9)
      #expect(await daemon.program.result().code != 0)
      do { try await sent } catch { /* it was killed while it was being talked to */  }
    }
    let daemon = try await RunningDaemon.start(in: folder, cache: Self.kept)
    let client = try daemon.client()
    let verified = try await client.ask(ChatLine.call(1, "cache.verify"))["result"]
    #expect(verified?["damaged"]?.int == 0)
    try await client.send(ChatLine.call(2, "cache.export"))
    var found = 0
    while true {
      let line = try await client.reply()
      guard let entry = line["params"]?["entry"] else {
        #expect(line["result"]?["count"]?.int == found)
        break
      }
      found += 1
      let asked = entry["request"]?["key"]?["messages"]?[0]?["content"]
      #expect(asked != nil && entry["answer"]?["choices"]?[0]?["message"]?["content"] == asked)
    }
    #expect(found > 0)
    #expect(verified?["checked"]?.int == found)
    #expect(await daemon.stop().code == 0)
  }
}
