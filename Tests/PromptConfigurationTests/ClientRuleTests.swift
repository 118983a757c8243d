import PromptConfiguration
import PromptCore
import PromptProtocol
import Testing

struct ClientRuleTests {
  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  private func faults(_ lines: String) throws -> [ConfigurationFault] {
    try fixture.faults("[[client]]\n\(lines)\n")
  }

  @Test func rulesUnderOneNameMustGiveTheSame() throws {
    let same = try fixture.faults(
      """
      [[client]]
      name = "ci"
      user = "alice"
      max_in_flight = 2
      [[client]]
      name = "ci"
      group = "dev"
      max_in_flight = 2
      """)
    #expect(same.isEmpty)
    let other = try fixture.faults(
      """
      [[client]]
      name = "ci"
      user = "alice"
      max_in_flight = 2
      [[client]]
      name = "ci"
      group = "dev"
      """)
    #expect(other.map(\.keyPath) == ["client[1].name"])
  }

  @Test func aBudgetOfMoneyNeedsPrices() throws {
    let faults = try fixture.faults("[default_client]\ncost_per_day = 2\n")
    #expect(faults.map(\.keyPath) == ["prices"])
  }

  @Test func everyKeyOfARuleIsRead() throws {
    let configuration = try fixture.load(
      """
      [[client]]
      name = "team"
      user = "alice"
      group = "dev"
      unit = "batch-*.service"
      priority = "low"
      max_priority = "urgent"
      weight = 5
      max_in_flight = 1
      max_queued = 2
      requests_per_minute = 3
      tokens_per_minute = 4
      tokens_per_day = 5
      cost_per_day = 6.5
      models = ["a*"]
      cache = "private"
      admin = true
      [prices."m"]
      input = 1
      output = 2
      """)
    let rule = try #require(configuration.clients.rules.first)
    #expect(
      rule.match == ClientMatch(user: 1000, group: 2000, unit: Glob("batch-*.service")))
    var limits = ClientLimits()
    limits.maxInFlight = 1
    limits.maxQueued = 2
    limits.requestsPerMinute = 3
    limits.tokensPerMinute = 4
    limits.tokensPerDay = 5
    limits.costPerDay = 6.5
    #expect(
      rule.grant.policy(userName: "alice", admin: false)
        == ClientPolicy(
          name: "team", priority: .low, maxPriority: .urgent, weight: 5, limits: limits,
          models: [Glob("a*")], cacheScope: .private, admin: true))
  }

  @Test func rulesKeepTheirOrder() throws {
    let configuration = try fixture.load(
      "[[client]]\nuser = \"alice\"\nname = \"1\"\n[[client]]\ngroup = \"dev\"\nname = \"2\"\n")
    #expect(configuration.clients.rules.map(\.grant.name) == ["1", "2"])
  }

  @Test func aRuleMustSayWhomItIsFor() throws {
    let faults = try faults("name = \"x\"")
    #expect(faults.keyPaths == ["client[0]"])
    #expect(faults.text.contains("needs one of user, group and unit"))
  }

  @Test(arguments: [("user = \"bob\"", "user"), ("group = \"staff\"", "group")])
  func whomARuleNamesMustExist(line: String, key: String) throws {
    #expect(try faults(line).keyPaths == ["client[0].\(key)"])
  }

  @Test(arguments: [
    "max_in_flight = 1", "max_queued = 1", "requests_per_minute = 1", "tokens_per_minute = 1",
    "tokens_per_day = 1", "cost_per_day = 1", "models = [\"*\"]", "cache = \"private\"",
    "admin = true", "admin = false",
  ])
  func aUnitAloneGivesNoRights(line: String) throws {
    let faults = try faults("unit = \"a.service\"\n\(line)")
    let key = line.prefix { $0 != " " }
    #expect(faults.keyPaths == ["client[0].\(key)"])
    #expect(faults.text.contains("cannot be given by unit alone"))
  }

  @Test func aUnitAloneGivesNameClassAndWeight() throws {
    let faults = try faults(
      "unit = \"a.service\"\nname = \"a\"\npriority = \"low\"\nmax_priority = \"high\"\nweight = 2")
    #expect(faults.isEmpty)
  }

  @Test func aUnitAloneNeverReachesUrgent() throws {
    #expect(
      try faults("unit = \"a.service\"\nmax_priority = \"urgent\"").keyPaths
        == ["client[0].max_priority"])
    #expect(
      try faults("unit = \"a.service\"\npriority = \"urgent\"").keyPaths
        == ["client[0].priority"])
  }

  @Test(arguments: [
    "priority = \"high\"\nmax_priority = \"low\"", "priority = \"urgent\"",
    "priority = \"urgent\"\nmax_priority = \"high\"", "priority = \"best\"", "priority = 1",
  ])
  func aClassAboveTheBestOrOfNoNameIsRefused(lines: String) throws {
    #expect(try faults("user = \"alice\"\n\(lines)").keyPaths == ["client[0].priority"])
  }

  @Test func administratorsMayBeUrgentUnlessTheirRuleSaysLess() throws {
    #expect(try faults("user = \"alice\"\nadmin = true\npriority = \"urgent\"").isEmpty)
    let lines = "user = \"alice\"\nadmin = true\npriority = \"urgent\"\nmax_priority = \"high\""
    #expect(try faults(lines).keyPaths == ["client[0].priority"])
  }

  @Test(arguments: [
    ("weight = 0", "weight"), ("weight = 1001", "weight"), ("cost_per_day = -0.5", "cost_per_day"),
    ("cost_per_day = inf", "cost_per_day"), ("cache = \"none\"", "cache"),
    ("admin = \"yes\"", "admin"), ("name = \"\"", "name"), ("name = \"a\\nb\"", "name"),
  ])
  func whatIsOutOfRangeIsRefused(line: String, key: String) throws {
    #expect(try faults("user = \"alice\"\n\(line)").keyPaths == ["client[0].\(key)"])
  }

  @Test func theDefaultClientHasRightsButNoMatch() throws {
    let configuration = try fixture.load(
      "[default_client]\npriority = \"low\"\nmax_in_flight = 4\ncache = \"private\"\n")
    let policy = configuration.clients.otherwise.policy(userName: "bob", admin: false)
    #expect(policy.name == "bob")
    #expect(policy.priority == .low)
    #expect(policy.maxPriority == .high)
    #expect(policy.limits.maxInFlight == 4)
    #expect(policy.cacheScope == .private)
    let faults = try fixture.faults(
      "[default_client]\nname = \"x\"\nuser = \"alice\"\ngroup = \"dev\"\nunit = \"a\"\n")
    #expect(
      faults.keyPaths
        == ["name", "user", "group", "unit"].map { "default_client.\($0)" })
  }
}
