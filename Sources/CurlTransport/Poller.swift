import CCurl
import Glibc
import Wakefulness

/// The epoll(7) set of the curl thread: libcurl's sockets and the mailbox.
///
/// What is to be watched is told to the kernel before the next wait, as far as it is news then.
/// libcurl lets go of a connection with each answer and takes it up again with the next request, and
/// between the two nothing has to be done: a connection that nobody watches stays in the set until it
/// becomes ready.
final class Poller {
  /// What one descriptor is ready for, as a mask of `EPOLL_EVENTS`.
  struct Readiness {
    var descriptor: Int32
    var events: UInt32
  }

  private let epoll: Int32
  /// What is to be watched, by descriptor.
  private var wanted: [Int32: UInt32] = [:]
  /// What the kernel watches, by descriptor, as far as that is certain.
  private var watched: [Int32: UInt32] = [:]
  /// What may not be watched as it is to be.
  private var changed: Set<Int32> = []
  /// All that was ready at this moment has been told of.
  private(set) var toldUntil = SuspendingClock.now
  private var wakefulness = Wakefulness()
  /// Room for one wait; what does not fit is told by the next, for which there is twice as much.
  private var room = [epoll_event](repeating: epoll_event(), count: 128)

  /// Throws `.internalFault` when the kernel gives no descriptor.
  init() throws(CallFailure) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .system("epoll_create1", errno) }
  }

  deinit { close(epoll) }

  /// Watches `descriptor` for `events` (level-triggered) instead of what it was watched for.
  func watch(_ descriptor: Int32, for events: UInt32) {
    wanted[descriptor] = events
    changed.insert(descriptor)
  }

  /// Stops watching `descriptor`. Whether the kernel does is not certain from here on: libcurl closes
  /// some of its own without a word, and their numbers come back.
  func forget(_ descriptor: Int32) {
    wanted[descriptor] = nil
    if watched[descriptor] != nil { watched[descriptor] = Self.uncertain }
  }

  /// No events that anybody waits for.
  private static let uncertain: UInt32 = 0

  /// A descriptor is about to be closed: the kernel takes it out of the set by itself, and its number
  /// may come back.
  func closing(_ descriptor: Int32) {
    wanted[descriptor] = nil
    watched[descriptor] = nil
  }

  /// Waits until a descriptor is ready or `deadline` has come; nil waits for a descriptor alone.
  func wait(until deadline: SuspendingClock.Instant?) throws(CallFailure) -> [Readiness] {
    for descriptor in changed { try tell(of: descriptor) }
    changed.removeAll(keepingCapacity: true)
    let start = SuspendingClock.now
    var count = try look(for: 0)
    let isAll = count < room.count
    if isAll { toldUntil = start }
    // A time that has come is dealt with first.
    if count == 0, deadline.map({ $0 > .now }) ?? true { count = try lookAwake() }
    if count == 0 { count = try look(for: Self.milliseconds(until: deadline)) }
    if count > 0 { wakefulness.newsCame(at: .now) }
    var ready: [Readiness] = []
    ready.reserveCapacity(Int(count))
    for event in room.prefix(Int(count)) {
      let descriptor = event.data.fd
      if wanted[descriptor] != nil {
        ready.append(Readiness(descriptor: descriptor, events: event.events))
      } else {
        // It would be ready for ever.
        try remove(descriptor)
      }
    }
    if !isAll { room += room }
    return ready
  }

  /// Something was begun that may make a descriptor ready at once.
  func expect() { wakefulness.begin(at: .now) }

  /// Looks without going to sleep as long as that is worth while. Whoever else has something to do goes
  /// first.
  private func lookAwake() throws(CallFailure) -> Int32 {
    while wakefulness.isAwake(at: .now) {
      sched_yield()
      let count = try look(for: 0)
      if count > 0 { return count }
    }
    return 0
  }

  /// How many descriptors are ready within so many milliseconds; -1 has no end.
  private func look(for milliseconds: Int32) throws(CallFailure) -> Int32 {
    let count = epoll_wait(epoll, &room, Int32(room.count), milliseconds)
    if count < 0, errno != EINTR { throw .system("epoll_wait", errno) }
    return max(0, count)
  }

  /// Has the kernel watch a descriptor as it is to be watched now.
  private func tell(of descriptor: Int32) throws(CallFailure) {
    guard let events = wanted[descriptor], watched[descriptor] != events else { return }
    var event = epoll_event()
    event.events = events
    event.data.fd = descriptor
    let isNew = watched.updateValue(events, forKey: descriptor) == nil
    if epoll_ctl(epoll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) == 0 { return }
    // Somebody closed it, or its namesake, without a word.
    let other = errno == EEXIST ? EPOLL_CTL_MOD : errno == ENOENT ? EPOLL_CTL_ADD : nil
    guard let other, epoll_ctl(epoll, other, descriptor, &event) == 0 else {
      throw .system("epoll_ctl", errno)
    }
  }

  private func remove(_ descriptor: Int32) throws(CallFailure) {
    watched[descriptor] = nil
    var ignored = epoll_event()
    if epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &ignored) == 0 { return }
    // Closed before it was forgotten: the kernel has taken it out.
    guard errno == ENOENT || errno == EBADF else { throw .system("epoll_ctl", errno) }
  }

  /// Rounds up, since waking before the deadline would turn the thread for nothing.
  private static func milliseconds(until deadline: SuspendingClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = SuspendingClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    return Int32(clamping: left.wholeMilliseconds)
  }
}
