import Dispatch
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import PromptServer

/// Whether systemd is told that promptd lives.
@Suite struct WatchdogTests {
  @Test func itIsToldAsLongAsEverythingTurns() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let fed = Watched(0)
    let watchdog = Watchdog(
      group.makeIterator().map { .init($0) }, timer: group.next(), interval: .milliseconds(20)
    ) { fed.change { $0 += 1 } }
    #expect(await fed.waitUntil { $0 >= 3 } >= 3)
    await watchdog.stop()
    try await group.shutdownGracefully()
  }

  @Test func aLoopThatIsStuckIsNotCoveredUpByTheOthers() async throws {
    let (timer, stuck) = (
      MultiThreadedEventLoopGroup(numberOfThreads: 1),
      MultiThreadedEventLoopGroup(numberOfThreads: 1)
    )
    let (fed, beats) = (Watched(0), Watched(0))
    let gate = DispatchSemaphore(value: 0)
    stuck.next().execute { gate.wait() }
    var turning = Watchdog.Wheel(timer.next())
    let ask = turning.ask
    turning.ask = {
      beats.change { $0 += 1 }
      ask()
    }
    let watchdog = Watchdog(
      [turning, .init(stuck.next())], timer: timer.next(), interval: .milliseconds(20)
    ) { fed.change { $0 += 1 } }
    // Several beats go by.
    await beats.waitUntil { $0 >= 5 }
    #expect(fed.value == 0)
    gate.signal()
    #expect(await fed.waitUntil { $0 >= 1 } >= 1)
    await watchdog.stop()
    try await stuck.shutdownGracefully()
    try await timer.shutdownGracefully()
  }
}
