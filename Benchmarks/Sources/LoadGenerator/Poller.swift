import CLinux
import Glibc

/// The epoll(7) set of a run: its connections and, in an open load, the timer of the next arrival.
final class Poller {
  /// A client or the timer, and what it is ready for.
  struct Readiness {
    var tag: UInt64
    var events: UInt32

    var canSend: Bool { events & EPOLLOUT.rawValue != 0 }
    var canReceive: Bool {
      events & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
    }
  }

  /// What the timer is known by; clients are known by their numbers.
  static let timerTag = UInt64.max
  private static let room = 256

  private let epoll: Int32
  private let timer: Int32
  private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: room)

  /// Throws `.system` when the kernel gives no descriptor.
  init() throws(LoadError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .failed("epoll_create1") }
    timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
    guard timer >= 0 else {
      let error = LoadError.failed("timerfd_create")
      close(epoll)
      events.deallocate()
      throw error
    }
    // Edge-triggered, so that nobody has to read it empty.
    try control(EPOLL_CTL_ADD, timer, EPOLLIN.rawValue | EPOLLET.rawValue, Self.timerTag)
  }

  deinit {
    close(timer)
    close(epoll)
    events.deallocate()
  }

  /// Watches a new descriptor for bytes to receive.
  func add(_ descriptor: Int32, tag: UInt64) throws(LoadError) {
    try control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, tag)
  }

  /// Watches a descriptor for room to send as well, or no more.
  func watchSending(_ isWanted: Bool, _ descriptor: Int32, tag: UInt64) throws(LoadError) {
    let events = EPOLLIN.rawValue | (isWanted ? EPOLLOUT.rawValue : 0)
    try control(EPOLL_CTL_MOD, descriptor, events, tag)
  }

  /// What the timer is set to.
  private var timerTime: UInt64 = 0

  /// Has the timer be ready at a time in nanoseconds of `MonotonicClock`; at once if that is over.
  /// A time that it is set to already is not set again: in a virtual machine that costs ten
  /// microseconds and more.
  func setTimer(_ time: UInt64) throws(LoadError) {
    guard time != timerTime else { return }
    timerTime = time
    var setting = itimerspec()
    setting.it_value.tv_sec = Int(time / 1_000_000_000)
    setting.it_value.tv_nsec = Int(time % 1_000_000_000)
    guard timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil) == 0 else {
      throw .failed("timerfd_settime")
    }
  }

  /// Waits for at most so many milliseconds and calls `body` for what is ready; how many were.
  func wait(
    milliseconds: Int32, _ body: (Readiness) throws(LoadError) -> Void
  ) throws(LoadError) -> Int {
    let count = epoll_wait(epoll, events, Int32(Self.room), milliseconds)
    guard count >= 0 else {
      if errno == EINTR { return 0 }
      throw .failed("epoll_wait")
    }
    for index in 0..<Int(count) {
      try body(Readiness(tag: events[index].data.u64, events: events[index].events))
    }
    return Int(count)
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ tag: UInt64
  ) throws(LoadError) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = tag
    guard epoll_ctl(epoll, operation, descriptor, &event) == 0 else { throw .failed("epoll_ctl") }
  }
}
