import CCurl
import Glibc
import Synchronization

/// All that passes between the callers' threads and the curl thread: commands in order, a
/// descriptor that wakes the thread, and the thread's signs of life.
final class Mailbox: Sendable {
  /// What callers ask for.
  enum Command: Sendable {
    case start(CallRequest)
    case cancel(CallID)
    /// No handle keeps the secrets of calls from before.
    case renew
    case stop
  }

  private struct Contents {
    var commands: [Command] = []
    var isOpen = true
    var fault: String?
  }

  /// An eventfd(2) that is readable after `post` or `wake`.
  let descriptor: Int32
  private let contents = Mutex(Contents())
  private let turnCount = Atomic<UInt64>(0)

  /// Throws `.internalFault` when the kernel gives no descriptor.
  init() throws(CallFailure) {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard descriptor >= 0 else { throw .system("eventfd", errno) }
  }

  deinit { close(descriptor) }

  /// Appends a command; after `shut` it is dropped.
  ///
  /// Only the first command into an empty mailbox wakes the thread: a later one finds it awake,
  /// since `drain` reads the descriptor before it takes the commands.
  func post(_ command: Command) {
    let wasEmpty = contents.withLock { contents in
      guard contents.isOpen else { return false }
      contents.commands.append(command)
      return contents.commands.count == 1
    }
    if wasEmpty { wake() }
  }

  /// Makes the thread turn once.
  func wake() {
    // EAGAIN says that the counter is full, so the thread is already about to wake.
    while eventfd_write(descriptor, 1) == -1 && errno == EINTR {}
  }

  /// Takes the commands; called by the thread when the descriptor is readable.
  func drain() -> [Command] {
    var count: eventfd_t = 0
    // EAGAIN says that nothing was written since, and then the mailbox tells.
    while eventfd_read(descriptor, &count) == -1 && errno == EINTR {}
    return contents.withLock { contents in
      defer { contents.commands = [] }
      return contents.commands
    }
  }

  /// Takes the last commands and drops all that come later, because the thread ends.
  func shut(fault: String?) -> [Command] {
    contents.withLock { contents in
      defer { contents.commands = [] }
      contents.isOpen = false
      contents.fault = fault
      return contents.commands
    }
  }

  /// Why the thread had to end, or nil.
  var fault: String? { contents.withLock { $0.fault } }

  /// How often the thread has turned.
  var turns: UInt64 { turnCount.load(ordering: .relaxed) }

  /// Counts one turn.
  func turned() { turnCount.add(1, ordering: .relaxed) }
}
