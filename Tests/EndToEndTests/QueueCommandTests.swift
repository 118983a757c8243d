import JSON
import TestSupport
import Testing

/// `promptctl queue …` and `clients` against the built daemon.
@Suite struct QueueCommandTests {
  private func run(_ daemon: RunningDaemon, _ words: String...) async throws -> Program.Result {
    let program = try Program(
      "promptctl", words + ["--socket", daemon.socket], in: daemon.folder)
    return await program.result()
  }

  private func json(_ result: Program.Result) throws -> JSONTree {
    try JSONTree(parsing: Array(result.output.utf8))
  }

  @Test func whatWaitsIsListedMovedCancelledAndLetGo() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    #expect(try await run(daemon, "queue", "pause").output == "paused: sandbox\n")
    let client = try daemon.client()
    for number in 1...3 {
      try await client.send(ChatLine.call(number, "chat", ChatLine.bare("question \(number)")))
    }
    var rows: [JSONTree] = []
    while rows.count(where: { $0["state"]?.string == "queued" }) < 3 {
      rows = try json(await run(daemon, "queue", "list", "--json"))["rows"]?.array ?? []
    }
    let last = try #require(rows[2]["request"]?.string)
    let first = try #require(rows[0]["request"]?.string)
    let moved = try await run(daemon, "queue", "move", last, "urgent")
    #expect(moved.output == "\(last) waits as urgent now\n")
    let page = try await run(daemon, "queue", "list").output.split(separator: "\n")
    #expect(page[1].hasPrefix(last))
    #expect(try await run(daemon, "queue", "cancel", first).output == "cancelled \(first)\n")
    let again = try await run(daemon, "queue", "cancel", first)
    #expect(again.code == 65)
    #expect(again.errors.contains("is not under way"))
    #expect(try await client.reply()["error"]?["data"]?["type"]?.string == "cancelled")
    #expect(try await run(daemon, "queue", "resume").output == "no upstream is paused\n")
    for _ in 0..<2 { #expect(try await client.reply()["result"]?["choices"] != nil) }
    let clients = try await run(daemon, "clients").output.split(separator: "\n")
    #expect(clients[0].hasPrefix("CLIENT"))
    #expect(clients.count == 2)
    #expect(await daemon.stop().code == 0)
  }

  @Test func whatCannotBeDoneSaysWhy() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let nowhere = try await run(daemon, "queue", "pause", "nowhere")
    #expect(nowhere.code == 65)
    #expect(nowhere.errors.contains("there is no upstream of this name"))
    let request = "r-00000000000000000000000000"
    let gone = try await run(daemon, "queue", "move", request, "high")
    #expect(gone.code == 65)
    #expect(gone.errors.contains("does not wait"))
    #expect(try await run(daemon, "queue", "move", request, "soon").code == 64)
    #expect(await daemon.stop().code == 0)
  }
}
