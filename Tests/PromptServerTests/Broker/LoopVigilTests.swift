import NIOCore
import NIOPosix
import Testing

@testable import PromptServer

@Suite(.timeLimit(.minutes(1))) struct LoopVigilTests {
  /// Far longer than a vigil.
  private static let rest = TimeAmount.milliseconds(200)

  /// What `body` returns on the loop of a vigil, and whether that is kept then and a while later.
  private func kept(after body: @escaping @Sendable (LoopVigil, NIOIsolatedEventLoop) -> Void)
    async throws -> (then: Bool, later: Bool)
  {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let vigil = try await loop.submit { NIOLoopBound(LoopVigil(), eventLoop: loop) }.get()
    let then = try await loop.submit {
      body(vigil.value, loop.assumeIsolated())
      return vigil.value.isKept
    }.get()
    let later = try await loop.scheduleTask(in: Self.rest) { vigil.value.isKept }.futureResult
      .get()
    return (then, later)
  }

  @Test func aVigilThatPaidIsKeptForAMoment() async throws {
    let kept = try await kept { vigil, loop in
      // More than once, should the thread lose its core in the middle.
      for _ in 0..<100 where !vigil.isKept {
        vigil.begin(on: loop)
        vigil.newsCame()
        vigil.begin(on: loop)
      }
    }
    #expect(kept.then)
    #expect(!kept.later)
  }

  @Test func nothingIsKeptBeforeItIsKnownToPay() async throws {
    let kept = try await kept { vigil, loop in vigil.begin(on: loop) }
    #expect(!kept.then)
  }
}
