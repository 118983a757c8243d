import Glibc
import LoadGenerator
import Peers
import Testing

struct LoadTests {
  private let requests: RequestBook

  init() throws {
    requests = try RequestBook((0..<10).map { Array(#"{"id":\#($0)}"#.utf8) }, as: .lines)
  }

  @Test(arguments: [(1, 1, false), (7, 1, false), (3, 16, false), (3, 16, true)])
  func everyRequestOfAClosedLoadIsAnswered(
    _ connections: Int, _ depth: Int, _ gathers: Bool
  ) throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let floor = try FloorLines(answer: #"{"result":1}"#, in: workspace)
    var load = Load(floor.endpoint, requests, .requests(5000))
    load.connections = connections
    load.depth = depth
    load.gathers = gathers
    load.warmUp = 100
    let figures = try load.run().checked()
    #expect(figures.answers == 5000)
    #expect(figures.latencies.count == 5000)
    #expect(figures.perSecond > 0)
    #expect(figures.latencies.percentile(50) <= figures.latencies.longest)
  }

  @Test func anOpenLoadKeepsItsRate() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let floor = try FloorLines(answer: "{}", in: workspace)
    var load = Load(floor.endpoint, requests, .requests(500))
    load.connections = 4
    load.pace = .open(perSecond: 2000)
    let figures = try load.run().checked()
    #expect(figures.answers == 500)
    // No faster than asked for; how much slower is up to the machine.
    #expect(figures.seconds >= 0.2)
  }

  @Test func aLoadByTimeEnds() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let floor = try FloorLines(answer: "{}", in: workspace)
    let figures = try Load(floor.endpoint, requests, .seconds(0.1)).run().checked()
    #expect(figures.answers > 0)
    #expect(figures.seconds <= 0.1)
  }

  @Test func whatAStallDelaysCountsFromWhenItWasDue() throws {
    let server = try ScriptedServer { ScriptedServer.answer($0, with: "{}", after: 5) }
    var load = Load(server.endpoint, requests, .requests(40))
    // A request each millisecond for a server that takes five: the last one is 160 ms late.
    load.pace = .open(perSecond: 1000)
    let figures = try load.run().checked()
    #expect(figures.latencies.longest > 150_000)
    #expect(figures.latencies.percentile(50) > 70_000)
  }

  @Test func whatWasDueBeforeTheEndIsSentAllTheSame() throws {
    let server = try ScriptedServer { ScriptedServer.answer($0, with: "{}", after: 5) }
    var load = Load(server.endpoint, requests, .seconds(0.1))
    load.pace = .open(perSecond: 1000)
    let figures = try load.run().checked()
    // 100 were due, and by the end a fifth of them had been answered.
    #expect((95...100).contains(figures.latencies.count))
    #expect(figures.answers <= 20)
  }

  @Test func anErrorMakesTheFiguresUseless() throws {
    let server = try ScriptedServer { ScriptedServer.answer($0, with: #"{"error":1}"#, after: 0) }
    let figures = try Load(server.endpoint, requests, .requests(2)).run()
    #expect(figures.errors == 2)
    #expect(
      throws: LoadError.failedAnswers(errors: 2, lost: 0, first: "{\"error\":1}\n")
    ) { try figures.checked() }
  }

  @Test func aConnectionThatIsLostMakesTheFiguresUseless() throws {
    let server = try ScriptedServer { client in
      var byte: UInt8 = 0
      recv(client, &byte, 1, 0)
    }
    let figures = try Load(server.endpoint, requests, .requests(2)).run()
    #expect(figures.connectionsLost == 1)
    #expect(throws: LoadError.self) { try figures.checked() }
  }

  @Test func aSilentServerIsNotWaitedForWithoutEnd() throws {
    let server = try ScriptedServer { client in
      var buffer = [UInt8](repeating: 0, count: 4096)
      while recv(client, &buffer, buffer.count, 0) > 0 {}
    }
    var load = Load(server.endpoint, requests, .requests(2))
    load.patience = 1
    #expect(throws: LoadError.silence(seconds: 1, waiting: 1)) { try load.run() }
  }

  @Test func nobodyThereIsAnError() {
    #expect(throws: LoadError.system(call: "connect", code: ENOENT)) {
      try Load(.unix("/tmp/promptd-bench-nobody.sock"), requests, .requests(1)).run()
    }
  }

  @Test func idleConnectionsThatTheServerClosesAreNoticed() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let floor = try FloorLines(answer: "{}", in: workspace)
    let idle = try IdleConnections(20, to: floor.endpoint)
    #expect(idle.quietCount == 20)
    floor.end()
    #expect(idle.quietCount == 0)
  }
}
