import Synchronization

/// Passes on that something has changed, from parts that are made before their listener.
final class ChangeRelay: Sendable {
  /// The listener stands in a struct: a closure that is itself what a `Mutex` holds is wrapped in
  /// two more with each look, until calling it overflows the stack.
  private struct Contents {
    var listener: (@Sendable () -> Void)?
  }

  private let contents = Mutex(Contents())

  /// Tells `listener` from now on.
  func listen(_ listener: @escaping @Sendable () -> Void) {
    contents.withLock { $0.listener = listener }
  }

  /// Something has changed.
  func changed() { contents.withLock(\.listener)?() }
}
