import CurlTransport
import Glibc
import Synchronization
import TestSupport
import Testing

/// The thread: its life, its signs of life, its end.
@Suite(.timeLimit(.minutes(1))) struct CurlTransportTests {
  @Test func stoppingGivesUpEveryCallAndReturns() async throws {
    let upstream = try FakeUpstream()
    let calls = try Calls()
    let running = (0..<3).map { _ in calls.start(upstream.request()) }
    var connections: [FakeConnection] = []
    for _ in running {
      let connection = try await upstream.connection()
      _ = try await connection.request()
      connections.append(connection)
    }
    calls.transport.stop()
    for connection in connections { #expect(await connection.nextRequest() == nil) }
    #expect(running.allSatisfy { calls.eventCount(of: $0) == 0 })
    #expect(calls.transport.fault == nil)
  }

  @Test func nothingHappensAfterAStop() async throws {
    let folder = try TemporaryFolder()
    let calls = try Calls()
    calls.transport.stop()
    let address = UpstreamAddress(url: "http://localhost", unixSocket: folder["none"])
    let call = calls.start(.make(address))
    calls.transport.cancel(call.id)
    calls.transport.poke()
    calls.transport.stop()
    #expect(calls.eventCount(of: call) == 0)
  }

  @Test func theThreadOfATransportThatNobodyHoldsEnds() async throws {
    let (ended, continuation) = AsyncStream<Void>.makeStream()
    do {
      // The loop holds the closure, which alone holds the sentinel, until its thread ends.
      let sentinel = Sentinel { continuation.finish() }
      _ = try CurlTransport { _, _ in withExtendedLifetime(sentinel) {} }
    }
    for await _ in ended {}
  }

  @Test func aPokeTurnsTheThread() async throws {
    let calls = try Calls()
    // The first turn waits, so that there is no second by itself.
    while calls.transport.turns < 1 { await Task.yield() }
    for turn in 2..<10 {
      calls.transport.poke()
      while calls.transport.turns < turn { await Task.yield() }
    }
    #expect(calls.transport.turns == 9)
  }

  @Test func theThreadTakesNoSignals() async throws {
    let (masks, continuation) = AsyncStream<[Bool]>.makeStream()
    let transport = try CurlTransport { _, _ in
      var mask = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      continuation.yield([SIGPIPE, SIGTERM, SIGHUP, SIGINT].map { sigismember(&mask, $0) == 1 })
    }
    defer { transport.stop() }
    transport.start(.make(UpstreamAddress(url: "file:///")))
    var iterator = masks.makeAsyncIterator()
    #expect(await iterator.next() == [true, true, true, true])
  }

  @Test func anEventMayStartTheNextCall() async throws {
    let folder = try TemporaryFolder()
    let address = UpstreamAddress(url: "http://localhost", unixSocket: folder["none"])
    let (ids, continuation) = AsyncStream<CallID>.makeStream()
    let later = Mutex<CurlTransport?>(nil)
    let transport = try CurlTransport { id, _ in
      continuation.yield(id)
      var next = CallRequest.make(address)
      next.id = CallID(rawValue: id.rawValue + 1)
      if id.rawValue < 5 { later.withLock { $0?.start(next) } }
    }
    later.withLock { $0 = transport }
    defer {
      transport.stop()
      later.withLock { $0 = nil }
    }
    transport.start(.make(address))
    var iterator = ids.makeAsyncIterator()
    for number in 0...5 { #expect(await iterator.next()?.rawValue == UInt64(number)) }
  }
}
