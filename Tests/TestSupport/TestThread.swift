import Glibc

/// A thread that may block, and is joined with the last reference.
package final class TestThread: Sendable {
  private let thread: pthread_t

  /// Runs `body` on a thread of its own.
  package init(_ body: @escaping @Sendable () -> Void) throws {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(run: body))
    let code = pthread_create(&thread, nil, runBody, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw SystemError(code)
    }
    self.thread = thread
  }

  deinit { pthread_join(thread, nil) }
}

/// What a thread does, on the heap for pthread_create(3).
private final class Body {
  let run: @Sendable () -> Void
  init(run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
