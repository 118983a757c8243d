import JSON
import SQLite
import TestSupport
import Testing

/// `promptctl cache …` against the built daemon.
@Suite struct CacheCommandTests {
  private static let kept = "keep_sandbox = true"

  private func run(
    _ daemon: RunningDaemon, _ words: String..., input: String = ""
  ) async throws -> Program.Result {
    let program = try Program(
      "promptctl", words + ["--socket", daemon.socket], in: daemon.folder, input: input)
    return await program.result()
  }

  private func ask(_ daemon: RunningDaemon, _ lines: [String]) async throws -> [JSONTree] {
    let client = try daemon.client()
    var answers: [JSONTree] = []
    for line in lines { answers.append(try await client.ask(line)) }
    client.close()
    return answers
  }

  @Test func whatIsKeptIsListedShownExplainedVerifiedAndPurged() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, cache: Self.kept)
    let line = ChatLine.bare("why?", more: #","temperature":0.5"#)
    let answer = try await ask(daemon, [line, ChatLine.bare("what?")])[0]
    let key = try #require(answer["promptd"]?["key"]?.string)

    let list = try await run(daemon, "cache", "list").output.split(separator: "\n")
    #expect(list.count == 3 && list[0].hasPrefix("KEY"))
    #expect(try await run(daemon, "cache", "list", "--limit", "1").errors.contains("--limit 0"))
    let shown = try await run(daemon, "cache", "show", String(key.prefix(8)))
    #expect(shown.output.contains(key) && shown.output.contains("why?"))
    #expect(try await run(daemon, "cache", "show", "00000000").code == 65)

    let why = try await run(daemon, "cache", "explain", input: line)
    #expect(why.output.hasPrefix("hit\n") && why.output.contains(key))
    let other = line.replacing("0.5", with: "0.6")
    let near = try await run(daemon, "cache", "explain", input: other)
    #expect(near.output.hasPrefix("miss\n") && near.output.contains("differs in  temperature"))
    let form = try await run(daemon, "cache", "explain", "--form", "key", input: line)
    #expect(
      form.output
        == #"{"messages":[{"content":"why?","role":"user"}],"model":"sandbox/echo","seed":null}"#)

    #expect(
      try await run(daemon, "cache", "verify").output == "checked 2 entries, 0 damaged\n")
    #expect(
      try await run(daemon, "cache", "purge", "--key", key).output
        == "removed 1 answers from memory and 1 from disk\n")
    #expect(try await run(daemon, "cache", "purge").code == 64)
    #expect(
      try await run(daemon, "cache", "purge", "--all").output
        == "removed 1 answers from memory and 1 from disk\n")
    #expect(await daemon.stop().code == 0)
  }

  @Test func whatIsDamagedIsLeftOutOfAnExportWhichSaysSo() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder, cache: Self.kept)
    _ = try await ask(daemon, (0..<3).map { ChatLine.bare("question \($0)") })
    _ = try await run(daemon, "cache", "verify")
    try Connection(path: folder["cache.sqlite"], for: .writing).run(
      "UPDATE answer SET request = CAST(? AS BLOB) WHERE id = 2", ["{\n"])
    let export = try await run(daemon, "cache", "export")
    #expect(export.output.split(separator: "\n").count == 2)
    #expect(export.code == 65 && export.errors.contains("1 entries were damaged"))
    #expect(await daemon.stop().code == 0)
  }

  @Test func aCassetteIsExportedImportedAndReplayed() async throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    let lines = (0..<20).map { ChatLine.bare("question \($0)") }
    let recorder = try await RunningDaemon.start(in: first, cache: Self.kept)
    let answers = try await ask(recorder, lines)
    let cassette = try await run(recorder, "cache", "export").output
    #expect(cassette.split(separator: "\n").count == 20)
    #expect(await recorder.stop().code == 0)

    let player = try await RunningDaemon.start(
      in: second, arguments: [], cache: #"mode = "replay""#)
    let spoilt = cassette + #"{"request":7}"# + "\n"
    let imported = try await run(player, "cache", "import", input: spoilt)
    #expect(imported.output == "imported 20 answers\n")
    #expect(imported.code == 65 && imported.errors.contains("line 21: request must be"))
    let mixed = try await run(player, "cache", "import", input: "{\n" + cassette)
    #expect(mixed.errors.contains("line 1: it is no JSON"))
    #expect(mixed.output == "imported 20 answers\n" && mixed.code == 65)
    let replayed = try await ask(player, lines + [ChatLine.bare("something else")])
    #expect(replayed.prefix(20).map { $0["choices"] } == answers.map { $0["choices"] })
    #expect(replayed[20]["error"]?["type"]?.string == "not_cached")
    #expect(replayed[20]["promptd"]?["key"]?.string?.count == 64)
    #expect(await player.stop().code == 0)
  }
}
