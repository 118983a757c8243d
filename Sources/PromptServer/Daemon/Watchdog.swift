import NIOCore
import Synchronization

/// Tells systemd that promptd lives, as long as all threads turn that serve requests: each event
/// loop and the curl thread. A journal or a disk that stalls keeps none of them from turning.
///
/// It asks each to turn, and looks at the next beat whether it has; where one has not, nothing is
/// told, and systemd ends the process in its time.
final class Watchdog: Sendable {
  /// A thread that turns when it is asked to.
  struct Wheel: Sendable {
    /// How often it has turned.
    var turns: @Sendable () -> UInt64
    var ask: @Sendable () -> Void

    /// An event loop.
    init(_ loop: any EventLoop) {
      let count = Counter()
      turns = { count.value.load(ordering: .relaxed) }
      ask = { loop.execute { count.value.add(1, ordering: .relaxed) } }
    }

    /// The curl thread.
    init(_ calls: UpstreamCalls) {
      turns = { calls.turns }
      ask = { calls.poke() }
    }
  }

  private final class Counter: Sendable {
    let value = Atomic<UInt64>(0)
  }

  private let wheels: [Wheel]
  private let feed: @Sendable () -> Void
  /// What each had turned when it was asked last.
  private let last: Mutex<[UInt64]>

  /// Begins to watch; `feed` is called on `timer`, twice in each `interval`.
  init(
    _ wheels: [Wheel], timer: any EventLoop, interval: Duration,
    feed: @escaping @Sendable () -> Void
  ) {
    self.wheels = wheels
    self.feed = feed
    last = Mutex(wheels.map { $0.turns() })
    for wheel in wheels { wheel.ask() }
    let pause = TimeAmount(interval / 2)
    timer.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] task in
      guard let self else { return task.cancel() }
      beat()
    }
  }

  private func beat() {
    let isAlive = last.withLock { last in
      let now = wheels.map { $0.turns() }
      let isAlive = zip(last, now).allSatisfy { $0 != $1 }
      if isAlive { last = now }
      return isAlive
    }
    if isAlive { feed() }
    for wheel in wheels { wheel.ask() }
  }
}
