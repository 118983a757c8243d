import Dispatch
import Synchronization

/// Work that goes on beside what is measured, each piece on a thread of its own.
final class Background: Sendable {
  private let group = DispatchGroup()
  private let failures = Mutex<[any Error]>([])

  /// Starts a piece.
  func start(_ work: @escaping @Sendable () throws -> Void) {
    DispatchQueue(label: "promptd.bench.background").async(group: group) { [failures = self] in
      do {
        try work()
      } catch {
        failures.note(error)
      }
    }
  }

  /// Waits for all pieces, and throws the first error that one of them ended with.
  func finish() throws {
    group.wait()
    if let failure = failures.withLock({ $0.first }) { throw failure }
  }

  private func note(_ error: any Error) { failures.withLock { $0.append(error) } }
}
