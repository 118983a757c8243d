import Synchronization

/// How far one thread has got with its input, for another to see.
final class InputProgress: Sendable {
  /// It goes from open to one of the others, or stays open.
  enum Ending: Equatable, Sendable {
    /// There is input still, as far as anybody knows.
    case open
    /// All of it was sent.
    case whole
    /// It could not be read to the end.
    case failed(BlockingIO.Fault)
  }

  private let state = Mutex(Ending.open)

  var ending: Ending { state.withLock { $0 } }

  func ended(_ ending: Ending) { state.withLock { $0 = ending } }
}
