import Glibc
import JSON
import TestSupport
import Testing

/// `promptctl batch` and `promptctl job` against the built daemon.
@Suite(.timeLimit(.minutes(2)))
struct BatchCommandTests {
  private func line(_ id: String, _ text: String, model: String = "sandbox/echo") -> String {
    let body = ChatLine.bare(text, model: model)
    return
      #"{"custom_id":"\#(id)","method":"POST","url":"/v1/chat/completions","body":\#(body)}"# + "\n"
  }

  private func start(_ daemon: RunningDaemon, _ words: String...) throws -> Program {
    try Program("promptctl", words + ["--socket", daemon.socket], in: daemon.folder)
  }

  /// The texts of an output file by their names; throws where a name comes twice.
  private func answers(_ path: String, in folder: TemporaryFolder) throws -> [String: String] {
    let lines = try folder.read(path).split(separator: "\n")
    let pairs = try lines.map { line in
      let tree = try JSONTree(parsing: Array(line.utf8))
      let text = tree["response"]?["body"]?["choices"]?[0]?["message"]?["content"]?.string
      return (tree["custom_id"]?.string ?? "", text ?? "")
    }
    #expect(Set(pairs.map(\.0)).count == pairs.count)
    return Dictionary(pairs) { first, _ in first }
  }

  @Test func everyLineIsAnsweredAndFailuresStandApart() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    try folder.write(
      line("a", "one") + line("b", "two", model: "sandbox/status?code=418") + line("c", "one")
        + ChatLine.bare("four") + "\n", to: "in.jsonl")
    let first = try await start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"]).result()
    #expect(first.code == 65)
    #expect(first.errors.contains("3 answered, 0 of them hits, 1 the same as others, 1 errors"))
    #expect(
      try answers("out", in: folder) == ["a": "one", "c": "one", "line-4": "four"])
    let error = try JSONTree(parsing: Array(try folder.read("out.errors").utf8))
    #expect(error["custom_id"]?.string == "b")
    #expect(error["response"]?["status_code"]?.int == 418)
    // One body, one call.
    let status = try await daemon.client().ask(ChatLine.call(1, "status"))["result"]
    #expect(status?["requests"]?["misses"]?.int == 2)
    let again = try await start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"]).result()
    #expect(again.errors.contains("0 answered, 3 before"))
    #expect(await daemon.stop().code == 0)
  }

  /// One body, one call, also where it fails; another run tries it again, once.
  @Test func linesOfOneBodyAreAskedOnceWhateverComesOfIt() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let failing = (0..<20).map { line("f\($0)", "x", model: "sandbox/status?code=418") }
    let good = (0..<20).map { line("g\($0)", "y") }
    try folder.write((failing + good).joined(), to: "in.jsonl")
    for run in 1...2 {
      let result = try await start(
        daemon, "batch", folder["in.jsonl"], "-o", folder["out"], "--in-flight", "4"
      ).result()
      #expect(result.code == 65)
      #expect(result.errors.contains("20 errors"))
      let usage = try await daemon.client().ask(ChatLine.call(1, "usage", #"{"by":[]}"#))
      #expect(usage["result"]?["rows"]?[0]?["calls"]?.int == run + 1)
    }
    #expect(try folder.read("out.errors").split(separator: "\n").count == 20)
    #expect(try answers("out", in: folder).count == 20)
    #expect(await daemon.stop().code == 0)
  }

  @Test func aFaultyFileSendsNothingAndSaysWhere() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    try folder.write(line("a", "x") + "{\n" + line("a", "y"), to: "in.jsonl")
    let result = try await start(daemon, "batch", folder["in.jsonl"]).result()
    #expect(result.code == 65)
    #expect(result.errors.contains("in.jsonl:2: it is no JSON"))
    #expect(result.errors.contains("in.jsonl:3: custom_id a is that of line 1"))
    #expect(access(folder["in.jsonl.answers"], F_OK) != 0)
    #expect(await daemon.stop().code == 0)
  }

  @Test func filesThatAreNoBatchsAreLeftAlone() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    try folder.write(line("a", "x"), to: "in.jsonl")
    try folder.write(line("a", "x"), to: "three.errors")
    try folder.write(line("a", "x"), to: "four.batch")
    let notes = "my notes\nand more\n"
    for name in ["notes", "one.errors", "two.batch"] { try folder.write(notes, to: name) }
    try folder.makeFolder("folder")
    let cases: [(input: String, output: String, kept: String, code: Int32, said: String)] = [
      ("in.jsonl", "notes", "notes", 65, "no line of a batch's"),
      ("in.jsonl", "in.jsonl", "in.jsonl", 64, "is the file of requests"),
      ("in.jsonl", "one", "one.errors", 65, "is no file of a batch's"),
      ("in.jsonl", "two", "two.batch", 65, "is no file of a batch's"),
      ("three.errors", "three", "three.errors", 64, "is the file of requests"),
      ("four.batch", "four", "four.batch", 64, "is the file of requests"),
      ("in.jsonl", "folder", "in.jsonl", 74, "cannot open"),
    ]
    for one in cases {
      let before = try folder.read(one.kept)
      let result = try await start(
        daemon, "batch", folder[one.input], "-o", folder[one.output]
      ).result()
      #expect(result.code == one.code, "\(one)")
      #expect(result.errors.contains(one.said), "\(result.errors)")
      #expect(try folder.read(one.kept) == before)
    }
    let null = try await start(daemon, "batch", folder["in.jsonl"], "-o", "/dev/full").result()
    #expect(null.code == 64 && null.errors.contains("no ordinary file"))
    let piped = try await start(daemon, "batch", "/dev/null").result()
    #expect(piped.code == 65)
    #expect(await daemon.stop().code == 0)
  }

  @Test func aRequestThatWasChangedSinceIsNotGivenItsOldAnswer() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    try folder.write(line("a", "one") + line("b", "two"), to: "in.jsonl")
    _ = try await start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"]).result()
    try folder.write(line("a", "one") + line("b", "three") + line("c", "four"), to: "in.jsonl")
    let changed = try await start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"]).result()
    #expect(changed.code == 65)
    #expect(changed.errors.contains("in.jsonl:2: b has another body than when it was answered"))
    try folder.write(line("c", "four") + line("a", "one"), to: "in.jsonl")
    let more = try await start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"]).result()
    #expect(more.code == 0 && more.errors.contains("1 answered, 1 before"))
    #expect(try answers("out", in: folder) == ["a": "one", "b": "two", "c": "four"])
    #expect(await daemon.stop().code == 0)
  }

  @Test func killsOfEitherSideLoseNothingAndAnswerNothingTwice() async throws {
    let folder = try TemporaryFolder()
    let keep = "keep_sandbox = true"
    let count = 300
    let lines = (0..<count).map {
      line("\($0)", "text \($0)", model: "sandbox/slow?first_byte_ms=20")
    }
    try folder.write(lines.joined(), to: "in.jsonl")
    try folder.write("", to: "out")
    var daemon = try await RunningDaemon.start(in: folder, cache: keep)
    var client = try start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"])
    func written() throws -> Int { try folder.read("out").split(separator: "\n").count }
    for round in 1...3 {
      // More than there was: the client is connected, and so waits for the next daemon.
      let goal = min(count, try written() + count / 10)
      while try written() < goal {}
      daemon.program.signal(SIGKILL)
      _ = await daemon.program.result()
      if round == 2 {
        client.signal(SIGKILL)
        _ = await client.result()
      }
      daemon = try await RunningDaemon.start(in: folder, cache: keep)
      if round == 2 { client = try start(daemon, "batch", folder["in.jsonl"], "-o", folder["out"]) }
    }
    let result = await client.result()
    #expect(result.code == 0, "\(result.errors)")
    let found = try answers("out", in: folder)
    #expect(found.count == count)
    for (name, text) in found { #expect(text == "text \(name)") }
    #expect(access(folder["out.errors"], F_OK) != 0)
    #expect(access(folder["out.batch"], F_OK) != 0)
    #expect(await daemon.stop().code == 0)
  }

  @Test func jobsAreSubmittedWaitedForListedAndCancelled() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    try folder.write(ChatLine.bare("hello"), to: "body.json")
    let submitted = try await start(daemon, "job", "submit", folder["body.json"]).result()
    let name = String(submitted.output.dropLast())
    #expect(name.hasPrefix("j-"))
    let waited = try await start(daemon, "job", "wait", name).result()
    #expect(waited.output == "hello\n")
    #expect(try await start(daemon, "job", "show", name).result().output.contains("done"))
    let list = try await start(daemon, "job", "list").result().output
    #expect(list.hasPrefix("JOB") && list.contains(name))
    let cancelled = try await start(daemon, "job", "cancel", name).result()
    #expect(cancelled.code == 65)
    try folder.write(ChatLine.bare("x", model: "sandbox/status?code=418"), to: "body.json")
    let failing = try await start(daemon, "job", "submit", folder["body.json"]).result().output
    let failed = try await start(daemon, "job", "wait", String(failing.dropLast())).result()
    #expect(failed.code != 0)
    #expect(failed.errors.contains("(upstream_error)"))
    #expect(await daemon.stop().code == 0)
  }
}
