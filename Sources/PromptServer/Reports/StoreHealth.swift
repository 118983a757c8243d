import Synchronization

/// Whether a file of promptd's own can be used: counts what went wrong, and tells of each change.
final class StoreHealth: Sendable {
  private struct Contents {
    var trouble: String?
    var faults = 0
  }

  private let contents = Mutex(Contents())
  /// Told, on the thread that noticed, of each change: what is wrong, or nil once all is well.
  private let changed: @Sendable (String?) -> Void

  init(changed: @escaping @Sendable (String?) -> Void) { self.changed = changed }

  /// Why the file cannot be used; nil while all is well.
  var trouble: String? { contents.withLock(\.trouble) }

  /// How often it could not be used since the start.
  var faults: Int { contents.withLock(\.faults) }

  /// It was used, or why it could not be.
  func note(_ fault: String?) {
    let isNews = contents.withLock { contents in
      defer { contents.trouble = fault }
      if fault != nil { contents.faults += 1 }
      return (contents.trouble == nil) != (fault == nil)
    }
    if isNews { changed(fault) }
  }
}
