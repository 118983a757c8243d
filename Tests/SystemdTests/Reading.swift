import Dispatch
import Glibc
import Synchronization

/// Reads a descriptor to its end on a thread of its own, so that whoever writes never waits.
final class Reading: Sendable {
  private let bytes = Mutex<[UInt8]>([])
  private let group = DispatchGroup()

  init(_ descriptor: Int32) {
    group.enter()
    DispatchQueue(label: "promptd.test.reading").async { [self] in
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        bytes.withLock { $0 += buffer[..<count] }
      }
      group.leave()
    }
  }

  /// All that was written, once the other end was closed.
  func text() -> String {
    group.wait()
    return bytes.withLock { String(decoding: $0, as: UTF8.self) }
  }
}
