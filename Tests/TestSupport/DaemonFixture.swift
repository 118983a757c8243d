import Glibc
package import JSON
import Logging
package import PromptConfiguration
package import PromptSandbox
import PromptServer
import Systemd

/// A real daemon in this process, on a socket in a temporary folder, with a sandbox as upstream.
package struct DaemonFixture: Sendable {
  package let folder: TemporaryFolder
  package let configuration: Configuration
  package let sandbox: Sandbox
  private let end: AsyncStream<Daemon.Ending>.Continuation
  private let endings: AsyncStream<Daemon.Ending>

  private init(_ folder: TemporaryFolder, _ configuration: Configuration, _ sandbox: Sandbox) {
    self.folder = folder
    self.configuration = configuration
    self.sandbox = sandbox
    (endings, end) = AsyncStream<Daemon.Ending>.makeStream()
  }

  /// Asks the daemon to stop, as a signal would.
  package func stop() { end.yield(.asked("the test")) }

  /// Changes the text of the configuration's file; the daemon reads it when it is asked to reload.
  package func rewrite(_ change: (inout String) -> Void) throws {
    var text = try folder.read("promptd.toml")
    change(&text)
    _ = try folder.write(text, to: "promptd.toml")
  }

  /// Waits until as many requests wait for a slot, asking the daemon again and again.
  package func waitUntilQueued(_ count: Int) async throws {
    try await waitUntil { $0["queue"]?["queued"]?.int == count }
  }

  /// Waits until so many requests are under way, whether they share calls or not.
  package func waitForRequests(_ count: Int) async throws {
    let client = try client()
    var rows = 0
    while rows < count {
      let list = try await client.ask(ChatLine.call(1, "queue.list"))
      rows = list["result"]?["rows"]?.array?.count ?? 0
      await Task.yield()
    }
  }

  /// Keeps calls from starting while `body` runs, so that all that it asks for has come before that.
  package func whilePaused(_ body: () async throws -> Void) async throws {
    let admin = try client()
    _ = try await admin.ask(ChatLine.call(1, "queue.pause"))
    try await body()
    _ = try await admin.ask(ChatLine.call(2, "queue.resume"))
  }

  /// Waits until the daemon's `status` is as wanted, asking for it again and again.
  package func waitUntil(_ isWanted: (JSONTree) -> Bool) async throws {
    let client = try client()
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while true {
      let status = try await client.ask(ChatLine.call(1, "status"))["result"]
      if status.map(isWanted) == true { return }
      guard ContinuousClock.now < end else {
        throw ConnectionFailure(description: "this never changed: \(status?.text ?? "nothing")")
      }
      await Task.yield()
    }
  }

  /// Connects a client, as another user if need be.
  package func client(as user: UserThread? = nil) throws -> LineClient {
    try LineClient(configuration.listen.socket, as: user)
  }

  /// Connects a client that speaks HTTP.
  package func httpClient() throws -> APIClient {
    try APIClient(.unix(configuration.listen.socket))
  }

  /// Runs `body` beside a daemon and returns when the daemon has ended.
  ///
  /// `listen`, `cache` and `upstream` are lines for the tables of that name, which have a socket,
  /// a file and the sandbox's address already; `others` are tables of their own. Without an
  /// `upstream` there is none. What fails is told at once, and often, unless `tries` says otherwise.
  package static func run(
    listen: String = "", cache: String = "", others: String = "", upstream: String? = "",
    tries: String = oneTry, in folder: TemporaryFolder? = nil,
    _ body: (DaemonFixture) async throws -> Void
  ) async throws {
    try await permits.run {
      try await runNow(
        listen: listen, cache: cache, others: others, upstream: upstream.map { "\($0)\n\(tries)" },
        in: folder, body)
    }
  }

  /// The tables of an upstream whose failures are told at once, and of which any number is met.
  package static let oneTry = """
    [upstream.retry]
    attempts = 1
    [upstream.breaker]
    failures = 1000
    """

  /// Each client of a test blocks a thread, and Dispatch has some two hundred.
  static let permits = Permits(12)

  static func runNow(
    listen: String = "", cache: String = "", others: String = "", upstream: String?,
    in folder: TemporaryFolder?, _ body: (DaemonFixture) async throws -> Void
  ) async throws {
    let folder = try folder ?? TemporaryFolder()
    let sandbox = try await Sandbox.start(on: .unix(folder["api.sock"]))
    var toml = """
      [listen]
      socket = "\(folder["promptd.sock"])"
      \(listen)
      [cache]
      file = "\(folder["cache.sqlite"])"
      \(cache)
      [state]
      file = "\(folder["state.sqlite"])"
      \(others)

      """
    if let upstream {
      toml += """
        [[upstream]]
        name = "sandbox"
        base_url = "unix:\(folder["api.sock"]):/v1"
        auth = "none"
        \(upstream)
        """
    }
    let file = try folder.write(toml, to: "promptd.toml")
    do {
      let configuration = try ConfigurationLoader(environment: ["HOME": folder.path])
        .load(file: file)
      try await DaemonFixture(folder, configuration, sandbox).serve(body)
    } catch {
      await sandbox.stop()
      throw error
    }
    await sandbox.stop()
  }

  private func serve(_ body: (DaemonFixture) async throws -> Void) async throws {
    let file = open(folder["log"], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { close(file) }
    let writer = LogWriter(format: .text, descriptor: file)
    defer { writer.stop() }
    let daemon = Daemon(
      configuration: configuration,
      logger: Logger(label: "test") { _ in JournalLogHandler(writer: writer) }, log: writer,
      load: { [folder] () throws(ConfigurationFaults) in
        try ConfigurationLoader(environment: ["HOME": folder.path])
          .load(file: folder["promptd.toml"])
      })
    let (ready, isReady) = AsyncThrowingStream<Void, any Error>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await daemon.run(endings: endings) { isReady.finish() }
        } catch {
          // Without a daemon there is nothing to test, and its own words say why.
          isReady.finish(throwing: error)
          throw error
        }
        isReady.finish()
      }
      for try await _ in ready {}
      do {
        try await body(self)
      } catch {
        end.yield(.asked("a failed test"))
        throw error
      }
      end.yield(.asked("the end of the test"))
      try await group.waitForAll()
    }
  }
}
