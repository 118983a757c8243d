import NIOCore
import Synchronization

/// Does something a while after it was asked to, and whatever is asked for meanwhile along with it:
/// at most once in each pause, and never where nothing happens.
final class Throttle: Sendable {
  private let timer: any EventLoop
  private let pause: TimeAmount
  private let body: @Sendable () -> Void
  private let isDue = Atomic<Bool>(false)

  /// Calls `body` on `timer`.
  init(on timer: any EventLoop, pause: TimeAmount, _ body: @escaping @Sendable () -> Void) {
    self.timer = timer
    self.pause = pause
    self.body = body
  }

  /// Asks for it. Costs a look where it has been asked for already.
  func ask() {
    guard !isDue.load(ordering: .relaxed), !isDue.exchange(true, ordering: .acquiringAndReleasing)
    else { return }
    timer.scheduleTask(in: pause) { [self] in
      isDue.store(false, ordering: .releasing)
      body()
    }
  }
}
