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
  private let timer: any EventLoop
  /// What each had turned when it was asked last.
  private let last: Mutex<[UInt64]>
  private let beats = Mutex<RepeatedTask?>(nil)

  /// Begins to watch; `feed` is called on `timer`, twice in each `interval`.
  init(
    _ wheels: [Wheel], timer: any EventLoop, interval: Duration,
    feed: @escaping @Sendable () -> Void
  ) {
    self.wheels = wheels
    self.feed = feed
    self.timer = timer
    last = Mutex(wheels.map { $0.turns() })
    for wheel in wheels { wheel.ask() }
    let pause = TimeAmount(interval / 2)
    let task = timer.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in
      self?.beat()
    }
    beats.withLock { $0 = task }
  }

  /// Beats no more once this returns: the threads may end.
  func stop() async {
    let ended = timer.makePromise(of: Void.self)
    guard let task = beats.withLock({ $0.take() }) else { return ended.succeed() }
    task.cancel(promise: ended)
    // It does not fail.
    do { try await ended.futureResult.get() } catch { return }
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
