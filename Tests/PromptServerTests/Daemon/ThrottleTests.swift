import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import PromptServer

struct ThrottleTests {
  @Test func whatIsAskedForInOnePauseIsDoneOnce() {
    let loop = EmbeddedEventLoop()
    let done = Watched(0)
    let throttle = Throttle(on: loop, pause: .seconds(60)) { done.change { $0 += 1 } }
    for _ in 0..<3 { throttle.ask() }
    loop.advanceTime(by: .seconds(59))
    #expect(done.value == 0)
    loop.advanceTime(by: .seconds(1))
    #expect(done.value == 1)
    loop.advanceTime(by: .hours(1))
    #expect(done.value == 1)
    throttle.ask()
    loop.advanceTime(by: .seconds(60))
    #expect(done.value == 2)
  }
}
