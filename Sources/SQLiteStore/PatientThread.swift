import Glibc
import Synchronization

/// Does what takes long and nobody waits for on a thread that lets all others go first: on the few
/// cores of a small machine, clients would wait for it.
enum PatientThread {
  /// What the thread does, and what comes of it.
  private final class Job<Value: Sendable>: Sendable {
    private let body: @Sendable () -> Value
    private let result = Mutex<Value?>(nil)

    init(_ body: @escaping @Sendable () -> Value) { self.body = body }

    /// What came of it; done here if nobody has done it.
    var value: Value { result.withLock(\.self) ?? body() }

    /// The start routine of pthread_create(3).
    var routine: @Sendable () -> Void {
      { [self] in
        // For the calling thread alone, on Linux (setpriority(2), notes).
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, PatientThread.niceness)
        let value = body()
        result.withLock { $0 = value }
      }
    }
  }

  private final class Routine {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// It gets a tenth of what another thread gets that wants the same core.
  private static let niceness: Int32 = 10

  /// Runs `body` on such a thread and returns when it is done; where the kernel gives none, it runs here.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
    let job = Job(body)
    let context = Unmanaged.passRetained(Routine(job.routine))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Routine>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context.toOpaque())
    if code == 0 { pthread_join(thread, nil) } else { context.release() }
    return job.value
  }
}
