import Glibc
import JSON
import TestSupport
import Testing

/// An upstream whose name takes long to be found. libcurl looks names up on threads of its own, and
/// would wait for them where a call ends before that.
@Suite struct SlowNameTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(mkfifo(folder["names"], 0o600) == 0)
  }

  /// A daemon with an upstream of such a name, and a sandbox that answers at once.
  private func run(
    connect: String, _ body: (RunningDaemon) async throws -> Void
  ) async throws {
    let sandbox = try Program("promptd-sandbox", ["--socket", folder["api.sock"]], in: folder)
    let daemon = try await RunningDaemon.start(
      in: folder, arguments: [],
      others: """
        [[upstream]]
        name = "slow"
        base_url = "https://api.slow/v1"
        auth = "none"
        models = ["slow"]
        [upstream.timeouts]
        connect = "\(connect)"
        [upstream.retry]
        attempts = 1
        [[upstream]]
        name = "sandbox"
        base_url = "unix:\(folder["api.sock"]):/v1"
        auth = "none"
        models = ["sandbox/*"]
        """,
      environment: [
        "LD_PRELOAD": "\(Program.products)/libSlowNames.so", "SLOW_NAMES": folder["names"],
      ])
    try await body(daemon)
    // Somebody must open it for writing, or the look-up would hold up the end of the process.
    let gate = open(folder["names"], O_RDWR | O_NONBLOCK)
    #expect(write(gate, "................", 16) == 16)
    #expect(await daemon.stop().code == 0)
    close(gate)
    sandbox.signal(SIGTERM)
    _ = await sandbox.result()
  }

  private var lookUps: Int {
    var status = stat()
    return stat(folder["names.begun"], &status) == 0 ? Int(status.st_size) : 0
  }

  private func waitForLookUp() async {
    while lookUps == 0 { await Task.yield() }
  }

  private let question = ChatLine.bare("x", model: "slow")

  @Test func theConnectClockEndsItAndNobodyElseWaits() async throws {
    try await run(connect: "200ms") { daemon in
      let (client, other) = (try daemon.client(), try daemon.client())
      try await client.send(question)
      await waitForLookUp()
      let answer = try await other.ask(ChatLine.bare("meanwhile"))
      #expect(answer["promptd"]?["cache"]?.string == "miss")
      let reply = try await client.reply()
      #expect(reply["error"]?["type"]?.string == "upstream_unreachable")
      #expect(reply["error"]?["message"]?.string?.contains("(connect)") == true)
      #expect(reply["promptd"]?["attempts"]?.int == 1)
      // The end of that call held up nothing either, though the look-up still goes on.
      #expect(try await other.ask(ChatLine.bare("after"))["promptd"]?["cache"]?.string == "miss")
    }
  }

  @Test func whoLeavesMeanwhileIsForgottenAndNobodyElseWaits() async throws {
    try await run(connect: "60s") { daemon in
      let (client, other) = (try daemon.client(), try daemon.client())
      try await client.send(question)
      await waitForLookUp()
      client.close()
      var running: Int?
      repeat {
        let status = try await other.ask(ChatLine.call(1, "status"))["result"]
        running = status?["queue"]?["running"]?.int
      } while running != 0
      #expect(try await other.ask(ChatLine.bare("after"))["promptd"]?["cache"]?.string == "miss")
      #expect(lookUps == 1)
    }
  }
}
