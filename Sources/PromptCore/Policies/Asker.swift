/// Whose request it is beyond the client's name, as far as it is known: for the journal.
package struct Asker: Hashable, Sendable {
  /// The user's number; nil for whoever shows a token.
  package var uid: UInt32?
  /// The systemd unit of the process, where rules go by units.
  package var unit: String?

  /// Somebody of this user and unit.
  package init(uid: UInt32? = nil, unit: String? = nil) {
    self.uid = uid
    self.unit = unit
  }
}
