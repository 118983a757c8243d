import Glibc

/// A listening Unix socket as systemd would hold it.
package final class ListeningDescriptor: Sendable {
  package let descriptor: Int32

  /// Binds and listens at `path`.
  package init(_ path: String) throws {
    descriptor = try SocketPath(path).bind(SOCK_STREAM)
    guard listen(descriptor, 16) == 0 else { throw TemporaryFolder.Failure(errno: errno) }
  }

  deinit { close(descriptor) }
}
