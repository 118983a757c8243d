import Dispatch
import Glibc
import Synchronization

/// Ctrl-C as an event, so that a command can take back what it asked for.
enum InterruptSignal {
  private static let fired = Atomic<Bool>(false)

  /// Whether SIGINT came while `events` was listened to.
  static var hasFired: Bool { fired.load(ordering: .sequentiallyConsistent) }

  /// Has the first SIGINT end the process with 130, after `body`.
  static func end(after body: @escaping @Sendable () -> Void) {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT)
    // The handler holds its source: it is to stay for as long as the process.
    source.setEventHandler {
      withExtendedLifetime(source) {
        body()
        _exit(Ending.interrupted.code)
      }
    }
    source.activate()
  }

  /// One element for the first SIGINT; the second one ends the process at once, whatever it waits
  /// for. SIGINT stays with this stream until the process ends.
  static func events() -> AsyncStream<Void> {
    AsyncStream { continuation in
      signal(SIGINT, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: SIGINT)
      // The handler holds its source: it is to stay for as long as the process.
      source.setEventHandler {
        withExtendedLifetime(source) {
          fired.store(true, ordering: .sequentiallyConsistent)
          if case .terminated = continuation.yield() { _exit(Ending.interrupted.code) }
          continuation.finish()
        }
      }
      source.activate()
    }
  }
}
