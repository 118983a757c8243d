/// Who is which client: rules in order, the first that fits wins, and a grant for everybody else.
package struct ClientRules: Hashable, Sendable {
  package var rules: [ClientRule]
  /// What whoever fits no rule gets, named after the user.
  package var otherwise: ClientGrant
  /// Users who administer whatever the rules say: root and the daemon's own.
  package var adminUsers: Set<UInt32>
  /// Groups whose members administer whatever the rules say.
  package var adminGroups: Set<UInt32>

  /// Rules in order; by default there are none, and only root administers.
  package init(
    rules: [ClientRule] = [], otherwise: ClientGrant = ClientGrant(),
    adminUsers: Set<UInt32> = [0], adminGroups: Set<UInt32> = []
  ) {
    self.rules = rules
    self.otherwise = otherwise
    self.adminUsers = adminUsers
    self.adminGroups = adminGroups
  }

  /// The policy of whoever the kernel says is asking.
  package func policy(for identity: PeerIdentity) -> ClientPolicy {
    let fitting = rules.lazy.filter { $0.match.matches(identity) }
    var grant = fitting.first?.grant ?? otherwise
    if let first = fitting.first, first.match.isUnitOnly {
      grant.takeRights(of: fitting.first { !$0.match.isUnitOnly }?.grant ?? otherwise)
    }
    return grant.policy(userName: identity.userName, admin: isAdministrator(identity))
  }

  /// The policy of the first rule with this name, for callers that a token names; nil without one.
  package func policy(named name: String) -> ClientPolicy? {
    guard let rule = rules.first(where: { $0.grant.name == name }) else { return nil }
    var grant = rule.grant
    if rule.match.isUnitOnly { grant.takeRights(of: otherwise) }
    return grant.policy(userName: name, admin: false)
  }

  private func isAdministrator(_ identity: PeerIdentity) -> Bool {
    adminUsers.contains(identity.uid) || !adminGroups.isDisjoint(with: identity.groups)
  }
}

extension ClientGrant {
  /// A unit names and ranks. What may be done stands elsewhere, or a faked unit would lift it.
  fileprivate mutating func takeRights(of other: ClientGrant) {
    limits = other.limits
    models = other.models
    cacheScope = other.cacheScope
    admin = other.admin
  }
}
