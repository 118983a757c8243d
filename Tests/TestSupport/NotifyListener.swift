import Dispatch
import Glibc

/// The other end of `$NOTIFY_SOCKET`: hears what a service says of itself.
package final class NotifyListener: Sendable {
  package let path: String
  private let descriptor: Int32
  private let messages: AsyncStream<String>

  /// Listens in `folder`.
  package init(in folder: TemporaryFolder) throws {
    path = folder["notify"]
    unlink(path)
    descriptor = try SocketPath(path).bind(SOCK_DGRAM)
    let (stream, continuation) = AsyncStream<String>.makeStream()
    messages = stream
    DispatchQueue(label: "promptd.test.notify").async { [descriptor] in
      var buffer = [UInt8](repeating: 0, count: 8192)
      while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        continuation.yield(String(decoding: buffer[..<count], as: UTF8.self))
      }
      continuation.finish()
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// The first message from now on that holds `text`; nil when there will be none.
  package func message(with text: String) async -> String? {
    for await message in messages where message.contains(text) { return message }
    return nil
  }
}
