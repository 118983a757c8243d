/// A fake upstream that counts the requests that reach it, and answers each as its script says.
package final class ScriptedUpstream: Sendable {
  /// What to do with a request, which is the one with this body for so many times, 1 or more.
  /// After the steps the next request of the connection is awaited.
  package typealias Script = @Sendable (_ request: FakeRequest, _ time: Int) -> [UpstreamStep]

  /// As promptd's `base_url`.
  package let baseURL: String
  /// What it has seen.
  package let log = Watched(UpstreamLog())
  /// The port, of one on 127.0.0.1.
  package var port: Int? { server.port }
  private let server: FakeServer
  private let script: Script

  private init(_ place: SocketAddress, beginsFull: Bool, _ script: @escaping Script) throws {
    server = try FakeServer(place, beginsFull: beginsFull)
    self.script = script
    baseURL =
      switch place {
      case .unixSocket(let path): "unix:\(path):/v1"
      case .loopback: "http://127.0.0.1:\(server.port ?? 0)/v1"
      }
  }

  /// Runs `body` beside an upstream; one that begins full takes no connection before `open`.
  package static func run(
    _ place: SocketAddress, beginsFull: Bool = false, _ script: @escaping Script,
    _ body: (ScriptedUpstream) async throws -> Void
  ) async throws {
    let upstream = try ScriptedUpstream(place, beginsFull: beginsFull, script)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await upstream.serve() }
      try await body(upstream)
      group.cancelAll()
    }
  }

  /// Takes connections from now on, where it began full; its own, which filled it, comes first.
  package func open() async {
    server.open()
    await log.waitUntil { $0.connections > 0 }
  }

  /// Lets one answer that stands at a pause, or will, go on.
  package func letGoOn() { log.change { $0.released += 1 } }

  private func serve() async {
    await withTaskGroup(of: Void.self) { group in
      for await connection in server.connections {
        let number = log.change { log in
          log.connections += 1
          return log.connections
        }
        group.addTask { await self.serve(connection, number) }
        group.addTask {
          await connection.end()
          self.log.change { $0.ended += 1 }
        }
      }
      group.cancelAll()
    }
  }

  private func serve(_ connection: FakeConnection, _ number: Int) async {
    while let request = await connection.nextRequest() {
      let body = String(decoding: request.body, as: UTF8.self)
      let time = log.change { $0.arrived(body, on: number) }
      do {
        for step in script(request, time) { try await perform(step, on: connection) }
      } catch {
        // The caller has gone away, which the log tells, or the test is over.
      }
    }
  }

  private func perform(_ step: UpstreamStep, on connection: FakeConnection) async throws {
    switch step {
    case .send(let text): try connection.send(text)
    case .sendBytes(let bytes): try connection.send(bytes)
    case .pause:
      let place = log.change { log in
        log.paused += 1
        return log.paused
      }
      await log.waitUntil { $0.released >= place }
      try Task.checkCancellation()
    case .trickle(let piece):
      while true {
        try connection.send(piece)
        try await Task.sleep(for: .milliseconds(20))
      }
    case .close: connection.close()
    case .reset: try connection.reset()
    }
  }
}
