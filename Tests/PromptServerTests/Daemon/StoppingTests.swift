import Dispatch
import JSON
import Logging
import PromptConfiguration
import PromptSandbox
import PromptServer
import Systemd
import TestSupport
import Testing

/// What becomes of requests when the daemon stops: answered, or told to try again.
@Suite(.timeLimit(.minutes(5)))
struct StoppingTests {
  /// Has a daemon stop while a request of `client` runs that never ends.
  private func stop(_ daemon: DaemonFixture) async {
    await daemon.sandbox.calls.waitUntil { $0.running == 1 }
    daemon.stop()
  }

  private let impatient = "[service]\nstop_timeout = \"100ms\""
  private let oneAtATime = "max_in_flight_per_connection = 1"

  @Test func linesThatCameAndWereNotReadAreAnsweredAll() async throws {
    try await DaemonFixture.run(listen: oneAtATime, others: impatient) { daemon in
      let client = try daemon.client()
      let count = 500
      let lines = (0..<count).map { ChatLine.bare("\($0)", model: "sandbox/silent") + "\n" }
      try await client.send(Array(lines.joined().utf8))
      await stop(daemon)
      for _ in 0..<count {
        #expect(try await client.reply()["error"]?["type"]?.string == "shutting_down")
      }
      #expect(try await client.line() == nil)
    }
  }

  @Test func aHalfLineIsNoRequestAndIsNotAnswered() async throws {
    try await DaemonFixture.run(others: impatient) { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare("x", model: "sandbox/silent")
      try await client.send(Array("\(line)\n{\"model\":\"sandbox/echo\",".utf8))
      await stop(daemon)
      #expect(try await client.reply()["error"]?["type"]?.string == "shutting_down")
      #expect(try await client.line() == nil)
    }
  }

  @Test func requestsThatCameEarlyOverHTTPAreAnsweredAll() async throws {
    try await DaemonFixture.run(others: impatient) { daemon in
      let client = try daemon.httpClient()
      let count = 50
      let row = (0..<count).flatMap {
        APIClient.request(ChatLine.bare("\($0)", model: "sandbox/silent"))
      }
      try await client.send(row)
      await stop(daemon)
      for _ in 0..<count { #expect(try await client.response().status == 503) }
    }
  }

  @Test func aConnectionThatSaidNothingIsClosedAtOnce() async throws {
    try await DaemonFixture.run { daemon in
      let (silent, known) = (try daemon.client(), try daemon.client())
      #expect(try await known.ask(ChatLine.call(1, "ping"))["result"] != nil)
      try await daemon.waitUntil { $0["connections"]?.int == 3 }
      daemon.stop()
      #expect(try await silent.line() == nil)
      #expect(try await known.line() == nil)
    }
  }

  @Test func whatIsSentToADaemonThatTakesNoMoreFailsAtTheSender() async throws {
    try await DaemonFixture.run(listen: #"write_timeout = "10min""#) { daemon in
      let client = try daemon.client()
      let line = ChatLine.bare(String(repeating: "x", count: 500), more: #","n":50"#)
      #expect(try await client.ask(line)["choices"] != nil)
      // More replies than the socket holds, so that the connection cannot be closed yet.
      try await client.send(Array(String(repeating: line + "\n", count: 40).utf8))
      try await daemon.waitUntil { $0["requests"]?["total"]?.int ?? 0 > 9 }
      daemon.stop()
      var count = 0
      await #expect(throws: ConnectionFailure.self) {
        while true {
          try await client.send(ChatLine.call(1, "ping"))
          count += 1
        }
      }
      // Each that was taken is answered.
      var last: JSONTree?
      var pings = 0
      while let line = try await client.line() {
        last = try JSONTree(parsing: Array(line.utf8))
        if last?["id"]?.int == 1 { pings += 1 }
      }
      #expect(pings == count)
    }
  }

  @Test func halfAnHTTPRequestIsToldToTryAgain() async throws {
    let body = ChatLine.bare("x")
    let whole = APIClient.request(body)
    for part in [whole.prefix(20), whole.dropLast(5)] {
      try await DaemonFixture.run { daemon in
        let client = try daemon.httpClient()
        #expect(try await client.ask(method: "GET", path: "/healthz").status == 200)
        try await client.send(Array(part))
        daemon.stop()
        let response = try await client.response()
        #expect(response.status == 503)
        #expect(response.headers["x-should-retry"] == nil)
        #expect(try response.json["error"]?["type"]?.string == "shutting_down")
      }
    }
  }

  @Test func aHalfLineOfAConnectionThatSaidNothingBeforeIsNotAnswered() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.client()
      try await client.send(Array("{\"model\":".utf8))
      try await daemon.waitUntil { $0["connections"]?.int == 2 }
      daemon.stop()
      #expect(try await client.line() == nil)
    }
  }

  @Test func aWatchThatIsReadTooLateIsToldToo() async throws {
    try await DaemonFixture.run(listen: oneAtATime, others: impatient) { daemon in
      let client = try daemon.client()
      let first = ChatLine.bare("x", model: "sandbox/silent")
      let watch = ChatLine.call(1, "watch", #"{"topics":["log"]}"#)
      try await client.send(Array("\(first)\n\(watch)\n".utf8))
      await stop(daemon)
      #expect(try await client.reply()["error"]?["type"]?.string == "shutting_down")
      var last: JSONTree?
      while let line = try await client.line() { last = try JSONTree(parsing: Array(line.utf8)) }
      #expect(last?["id"]?.int == 1)
      #expect(last?["error"]?["code"]?.int == -32040)
    }
  }

  /// Tells when nobody has it any more.
  private final class Witness: Sendable {
    private let isGone: AsyncStream<Void>.Continuation

    init(_ isGone: AsyncStream<Void>.Continuation) { self.isGone = isGone }

    deinit { isGone.finish() }
  }

  @Test func aConfigurationThatIsReadMeanwhileIsNotTakenOver() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(RunningDaemon.configuration(in: folder), to: "promptd.toml")
    let configuration = try ConfigurationLoader(environment: [:]).load(file: file)
    let log = Watched<[String]>([])
    let isRead = DispatchSemaphore(value: 0)
    let (gone, isGone) = AsyncStream<Void>.makeStream()
    let (reads, begins) = AsyncStream<Void>.makeStream()
    let (endings, end) = AsyncStream<Daemon.Ending>.makeStream()
    let (reloads, reload) = AsyncStream<Void>.makeStream()
    func run() async throws {
      let witness = Witness(isGone)
      let daemon = Daemon(
        configuration: configuration, logger: Logger(label: "test") { _ in Listener(log: log) },
        load: { () throws(ConfigurationFaults) in
          withExtendedLifetime(witness) {
            begins.finish()
            isRead.wait()
            return configuration
          }
        })
      try await daemon.run(endings: endings, reloads: reloads) { reload.yield() }
    }
    async let running: Void = run()
    for await _ in reads {}
    end.yield(.asked("the test"))
    try await running
    isRead.signal()
    for await _ in gone {}
    #expect(log.value.contains("stopped"))
    #expect(!log.value.contains("configuration read"))
  }
}

/// Hears what is logged.
private struct Listener: LogHandler {
  let log: Watched<[String]>
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(log: Watched<[String]>) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { log.change { $0.append("\(event.message)") } }
}
