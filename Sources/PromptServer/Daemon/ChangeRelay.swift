import Synchronization

/// Passes on that something has changed, from parts that are made before their listener.
final class ChangeRelay: Sendable {
  private let listener = Mutex<(@Sendable () -> Void)?>(nil)

  /// Tells `listener` from now on.
  func listen(_ listener: @escaping @Sendable () -> Void) {
    self.listener.withLock { $0 = listener }
  }

  /// Something has changed.
  func changed() { listener.withLock { $0 }?() }
}
