import Glibc
import NIOCore

extension Channel {
  /// Takes nothing more from the peer of a Unix socket. What it has sent is still read, and then the
  /// end of the input; what it sends from now on fails there with EPIPE, so that it knows that nobody
  /// has it (unix(7)). Called on the channel's event loop.
  func endInput() {
    do {
      _ = try pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { shutdown($0, Int32(SHUT_RD)) }
    } catch {
      // A channel that is closed reads nothing either.
    }
  }
}
