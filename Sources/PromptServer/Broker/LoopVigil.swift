import Glibc
import NIOCore
import Wakefulness

/// Keeps an event loop awake for a moment after it has asked other threads for something, by a callback
/// that is due soon after the last. Called on its loop only.
final class LoopVigil: NIOScheduledCallbackHandler {
  private var wakefulness = Wakefulness()
  private(set) var isKept = false

  /// Other threads were asked for something.
  func begin(on loop: NIOIsolatedEventLoop) {
    let now = SuspendingClock.now
    wakefulness.begin(at: now)
    if !isKept, wakefulness.isAwake(at: now) { goOn(on: loop) }
  }

  /// Other threads have something for the loop.
  func newsCame() { wakefulness.newsCame(at: .now) }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    guard wakefulness.isAwake(at: .now) else {
      isKept = false
      return
    }
    // Whoever else has something to do goes first.
    sched_yield()
    goOn(on: eventLoop.assumeIsolated())
  }

  /// At once would be in the same turn, before the loop looks at its sockets: this is a little later, as a
  /// rule past the end of the turn. An error is that of a loop that ends.
  private func goOn(on loop: NIOIsolatedEventLoop) {
    isKept = (try? loop.scheduleCallback(in: .nanoseconds(500), handler: self)) != nil
  }
}
