import JSON

extension DaemonFixture {
  /// Runs `body` beside a daemon whose one upstream answers by a script.
  ///
  /// `settings` are lines for the table of the upstream, `tries` the tables of it, and `others`
  /// tables of their own.
  package static func run(
    calling script: @escaping ScriptedUpstream.Script, overTCP: Bool = false,
    beginsFull: Bool = false, settings: String = "", tries: String = quickTries,
    others: String = "",
    _ body: (DaemonFixture, ScriptedUpstream) async throws -> Void
  ) async throws {
    try await permits.run {
      let folder = try TemporaryFolder()
      let place = overTCP ? SocketAddress.loopback : .unixSocket(folder["script.sock"])
      try await ScriptedUpstream.run(place, beginsFull: beginsFull, script) { upstream in
        let table = upstreamTable(upstream.baseURL, settings: settings, tries: tries)
        try await runNow(others: "\(others)\n\(table)", upstream: nil, in: folder) { daemon in
          try await body(daemon, upstream)
        }
      }
    }
  }

  /// Runs `body` beside a daemon whose one upstream is at an address of the test's own.
  package static func run(
    calling baseURL: String, settings: String = "", tries: String = quickTries,
    others: String = "", _ body: (DaemonFixture) async throws -> Void
  ) async throws {
    let table = upstreamTable(baseURL, settings: settings, tries: tries)
    try await run(others: "\(others)\n\(table)", upstream: nil, body)
  }

  /// The tables of an upstream that is tried as often as by default, at once, however often it
  /// fails.
  package static let quickTries = """
    [upstream.retry]
    base = "1ms"
    cap = "1ms"
    budget = 1
    [upstream.breaker]
    failures = 1000
    """

  private static func upstreamTable(
    _ baseURL: String, settings: String, tries: String
  ) -> String {
    """
    [[upstream]]
    name = "scripted"
    base_url = "\(baseURL)"
    auth = "none"
    \(settings)
    \(tries)
    """
  }

  /// Waits until nothing runs, waits or rests.
  package func waitUntilIdle() async throws {
    try await waitUntil { status in
      ["running", "queued", "retrying"].allSatisfy { status["queue"]?[$0]?.int == 0 }
    }
  }
}
