/// A listening socket that systemd handed over.
package struct InheritedSocket: Hashable, Sendable {
  package var descriptor: Int32
  /// `FileDescriptorName=` of the socket unit.
  package var name: String
  /// The path that it is bound to, with `@` before an abstract one; empty for an Internet socket.
  package var path: String
}
