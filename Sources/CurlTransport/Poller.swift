import CCurl
import Glibc

/// The epoll(7) set of the curl thread: libcurl's sockets and the mailbox.
final class Poller {
  /// What one descriptor is ready for, as a mask of `EPOLL_EVENTS`.
  struct Readiness {
    var descriptor: Int32
    var events: UInt32
  }

  private let epoll: Int32
  /// What the set holds, to tell `EPOLL_CTL_ADD` from `EPOLL_CTL_MOD`.
  private var watched: Set<Int32> = []
  /// Room for one wait; what does not fit is told by the next.
  private var room = [epoll_event](repeating: epoll_event(), count: 128)

  /// Throws `.internalFault` when the kernel gives no descriptor.
  init() throws(CallFailure) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .system("epoll_create1", errno) }
  }

  deinit { close(epoll) }

  /// Watches `descriptor` for `events` (level-triggered) instead of what it was watched for.
  func watch(_ descriptor: Int32, for events: UInt32) throws(CallFailure) {
    var event = epoll_event()
    event.events = events
    event.data.fd = descriptor
    let isNew = watched.insert(descriptor).inserted
    if epoll_ctl(epoll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) == 0 { return }
    // A descriptor that was closed left the set by itself; its number may have come back since.
    let other = errno == EEXIST ? EPOLL_CTL_MOD : errno == ENOENT ? EPOLL_CTL_ADD : nil
    guard let other, epoll_ctl(epoll, other, descriptor, &event) == 0 else {
      throw .system("epoll_ctl", errno)
    }
  }

  /// Stops watching `descriptor`.
  func forget(_ descriptor: Int32) throws(CallFailure) {
    guard watched.remove(descriptor) != nil else { return }
    var ignored = epoll_event()
    if epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &ignored) == 0 { return }
    // Closed before it was forgotten: the kernel has taken it out.
    guard errno == ENOENT || errno == EBADF else { throw .system("epoll_ctl", errno) }
  }

  /// Waits until a descriptor is ready or `deadline` has come; nil waits for a descriptor alone.
  func wait(until deadline: SuspendingClock.Instant?) throws(CallFailure) -> [Readiness] {
    let count = epoll_wait(epoll, &room, Int32(room.count), Self.milliseconds(until: deadline))
    guard count >= 0 else {
      if errno == EINTR { return [] }
      throw .system("epoll_wait", errno)
    }
    return room.prefix(Int(count)).map { Readiness(descriptor: $0.data.fd, events: $0.events) }
  }

  /// Rounds up, since waking before the deadline would turn the thread for nothing.
  private static func milliseconds(until deadline: SuspendingClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = SuspendingClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    return Int32(clamping: left.wholeMilliseconds)
  }
}
