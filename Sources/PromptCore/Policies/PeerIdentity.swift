/// Who is at the other end of a connection, as the kernel and systemd say.
package struct PeerIdentity: Hashable, Sendable {
  /// The effective user id at connect (`SO_PEERCRED`).
  package var uid: UInt32
  /// The user's name, or its number where it has none.
  package var userName: String
  /// Every group id, the primary one included (`SO_PEERGROUPS`).
  package var groups: Set<UInt32>
  /// The systemd unit of the process, if it is in one. It may be raced: it names and ranks only.
  package var unit: String?

  /// An identity of ids that the kernel gave.
  package init(uid: UInt32, userName: String, groups: Set<UInt32>, unit: String?) {
    self.uid = uid
    self.userName = userName
    self.groups = groups
    self.unit = unit
  }
}
