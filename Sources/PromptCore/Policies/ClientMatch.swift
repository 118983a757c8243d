/// Whom a client rule is for: everything that is set must fit.
package struct ClientMatch: Hashable, Sendable {
  /// The user id, already looked up.
  package var user: UInt32?
  /// The group id, already looked up.
  package var group: UInt32?
  /// The systemd unit's name.
  package var unit: Glob?

  /// A match of what is given; without anything it fits nobody.
  package init(user: UInt32? = nil, group: UInt32? = nil, unit: Glob? = nil) {
    self.user = user
    self.group = group
    self.unit = unit
  }

  /// Whether the rule rests on the unit alone, which can be raced and so must not authorise.
  package var isUnitOnly: Bool { unit != nil && user == nil && group == nil }

  /// Whether everything that is set fits `identity`; a match with nothing set fits nobody.
  package func matches(_ identity: PeerIdentity) -> Bool {
    if user == nil, group == nil, unit == nil { return false }
    if let user, user != identity.uid { return false }
    if let group, !identity.groups.contains(group) { return false }
    if let unit {
      guard let name = identity.unit, unit.matches(name) else { return false }
    }
    return true
  }
}
