import CCurl
import Glibc
import Synchronization

/// The POSIX thread of one loop. It takes no signals: those of the process go to the others, and
/// the SIGPIPE of a write to a closed TLS connection, which libcurl leaves alone under
/// CURLOPT_NOSIGNAL(3), to nobody.
final class LoopThread: Sendable {
  /// Nil once it was joined.
  private let thread: Mutex<pthread_t?>

  /// Throws `.internalFault` when the kernel gives no thread.
  init(running loop: sending CurlLoop) throws(CallFailure) {
    let context = Unmanaged.passRetained(loop)
    var everySignal = sigset_t()
    var before = sigset_t()
    var thread = pthread_t()
    sigfillset(&everySignal)
    // A thread inherits the mask, so no signal finds it before it has set its own.
    pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    let code = pthread_create(&thread, nil, runLoop, context.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code == 0 else {
      context.release()
      throw .system("pthread_create", code)
    }
    self.thread = Mutex(thread)
  }

  deinit {
    thread.withLock { if let thread = $0 { _ = pthread_detach(thread) } }
  }

  /// Returns when the thread has ended, whoever joins it first.
  func join() {
    thread.withLock { thread in
      if let thread { pthread_join(thread, nil) }
      thread = nil
    }
  }
}

/// The start routine of pthread_create(3).
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  // For ps and debuggers; 15 bytes at most.
  _ = curl_shim_name_thread("promptd-curl")
  Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
