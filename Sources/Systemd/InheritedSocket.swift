/// A listening socket that systemd handed over.
package struct InheritedSocket: Hashable, Sendable {
  /// Who can connect to it, and how they are known.
  package enum Kind: Hashable, Sendable {
    /// Processes of this machine, by what the kernel says of them.
    case unix
    /// Processes of this machine, by the token that they show.
    case loopback
  }

  package var descriptor: Int32
  /// `FileDescriptorName=` of the socket unit.
  package var name: String
  /// The path that it is bound to, with `@` before an abstract one; empty for a loopback address.
  package var path: String
  package var kind: Kind
}
