import PromptCore
import PromptProtocol
import Testing

@Suite struct ClientRulesTests {
  private func identity(
    _ uid: UInt32 = 1000, groups: Set<UInt32> = [1000], unit: String? = nil
  ) -> PeerIdentity {
    PeerIdentity(uid: uid, userName: "user-\(uid)", groups: groups, unit: unit)
  }

  private func rule(
    _ match: ClientMatch, _ name: String, change: (inout ClientGrant) -> Void = { _ in }
  ) -> ClientRule {
    var grant = ClientGrant()
    grant.name = name
    change(&grant)
    return ClientRule(match: match, grant: grant)
  }

  @Test func theFirstRuleThatFitsWins() {
    let rules = ClientRules(rules: [
      rule(ClientMatch(unit: Glob("nightly-*.service")), "nightly"),
      rule(ClientMatch(user: 1000, group: 50), "both"),
      rule(ClientMatch(user: 1000), "alice"), rule(ClientMatch(group: 1000), "late"),
    ])
    #expect(rules.policy(for: identity(unit: "nightly-1.service")).name == "nightly")
    #expect(rules.policy(for: identity(groups: [1000, 50])).name == "both")
    #expect(rules.policy(for: identity(unit: "cron.service")).name == "alice")
    #expect(rules.policy(for: identity(7, groups: [1000])).name == "late")
    #expect(rules.policy(for: identity(7, groups: [7])).name == "user-7")
  }

  @Test func aTokenForARuleByUnitAloneHasTheRightsOfEverybodyElse() {
    var rules = ClientRules(rules: [
      rule(ClientMatch(unit: Glob("nightly-*")), "nightly") { $0.priority = .low },
      rule(ClientMatch(user: 1000), "alice") { $0.limits.maxInFlight = 2 },
    ])
    rules.otherwise.limits.maxInFlight = 7
    rules.otherwise.models = [Glob("cheap/*")]
    let nightly = rules.policy(named: "nightly")
    #expect(nightly?.name == "nightly" && nightly?.priority == .low)
    #expect(nightly?.limits.maxInFlight == 7 && nightly?.models == [Glob("cheap/*")])
    #expect(rules.policy(named: "alice")?.limits.maxInFlight == 2)
  }

  @Test func rootAndTheGroupsOfAdministratorsAdminister() {
    let rules = ClientRules(adminUsers: [0, 33], adminGroups: [90])
    for (uid, groups, isAdmin) in [
      (0, [0], true), (33, [33], true), (5, [5, 90], true), (5, [5], false),
    ]
      as [(UInt32, Set<UInt32>, Bool)]
    {
      let policy = rules.policy(for: identity(uid, groups: groups))
      #expect(policy.admin == isAdmin)
      #expect(policy.maxPriority == (isAdmin ? .urgent : .high))
    }
  }

  @Test func aClassThatIsWrittenHoldsForAdministratorsToo() {
    let rules = ClientRules(rules: [
      rule(ClientMatch(user: 0), "root") {
        $0.priority = .high
        $0.maxPriority = .normal
      }
    ])
    let policy = rules.policy(for: identity(0))
    #expect(policy.admin && policy.maxPriority == .normal && policy.priority == .normal)
  }

  @Test func aClassIsGrantedAsFarAsItGoes() {
    let policy = ClientPolicy(name: "a", priority: .low, maxPriority: .normal)
    #expect(policy.granted(nil) == .low)
    #expect(policy.granted(.idle) == .idle)
    #expect(policy.granted(.normal) == .normal)
    #expect(policy.granted(.urgent) == .normal)
  }

  @Test func aTokensClientIsFoundByItsName() {
    let rules = ClientRules(rules: [rule(ClientMatch(user: 1), "alice") { $0.weight = 3 }])
    #expect(rules.policy(named: "alice")?.weight == 3)
    #expect(rules.policy(named: "bob") == nil)
  }

  @Test func aUnitAloneNamesAndRanksAndLiftsNoLimit() {
    var nightly = ClientGrant()
    nightly.name = "nightly"
    nightly.priority = .low
    var own = ClientGrant()
    own.name = "alice"
    own.limits.maxInFlight = 2
    own.models = [Glob("cheap/*")]
    own.cacheScope = .private
    var rules = ClientRules(rules: [
      ClientRule(match: ClientMatch(unit: Glob("nightly-*")), grant: nightly),
      ClientRule(match: ClientMatch(user: 1000), grant: own),
    ])
    rules.otherwise.limits.maxInFlight = 7
    func policy(_ uid: UInt32) -> ClientPolicy {
      rules.policy(
        for: PeerIdentity(uid: uid, userName: "u", groups: [], unit: "nightly-a.service"))
    }
    #expect(policy(1000).name == "nightly")
    #expect(policy(1000).priority == .low)
    #expect(policy(1000).limits.maxInFlight == 2)
    #expect(policy(1000).models == [Glob("cheap/*")])
    #expect(policy(1000).cacheScope == .private)
    #expect(policy(1001).limits.maxInFlight == 7)
  }
}
