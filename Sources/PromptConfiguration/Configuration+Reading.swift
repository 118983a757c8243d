import PromptCore
import PromptProtocol

extension Configuration {
  /// Reads all sections of the merged files.
  mutating func read(
    _ reader: inout TableReader, accounts: Accounts,
    key: (KeySource) throws(KeySource.Failure) -> APIKey?,
    tokens: (KeySource, ClientRules) throws(KeySource.Failure) -> [AccessToken]
  ) {
    reader.table("listen") { listen.read(&$0, accounts: accounts) }
    reader.table("log") { log.read(&$0) }
    reader.table("api") { api.read(&$0) }
    reader.table("cache") { cache.read(&$0) }
    reader.table("state") { state.read(&$0) }
    reader.table("queue") { queue.read(&$0) }
    readService(&reader, accounts: accounts)
    readUpstreams(&reader, key: key)
    readClients(&reader, accounts: accounts)
    let rules = clients
    listen.readTokens(&reader) { source throws(KeySource.Failure) in try tokens(source, rules) }
    reader.table("default_client") { clients.otherwise.readDefault(&$0) }
    reader.table("prices") { table in
      for model in table.names {
        table.table(model) { price in prices[model] = Price.read(&price) }
      }
    }
    // A budget that a unit alone may not have is a fault already.
    let grants = clients.rules.filter { !$0.match.isUnitOnly }.map(\.grant) + [clients.otherwise]
    if prices.isEmpty, grants.contains(where: { $0.limits.costPerDay != nil }) {
      reader.fault(
        "prices",
        "is missing, and without prices cost_per_day counts nothing; give those of the "
          + "models that are used")
    }
    if cache.file == state.file {
      reader.fault("state", "file is the cache's too; each needs one of its own")
    }
  }

  /// Rules under one name share one count, so they must give the same to count.
  private mutating func readClients(_ reader: inout TableReader, accounts: Accounts) {
    var terms: [String: ClientTerms] = [:]
    reader.tables("client") { client in
      guard let rule = ClientRule.read(&client, accounts: accounts) else { return }
      clients.rules.append(rule)
      guard let name = rule.grant.name else { return }
      let own = ClientTerms(name: name, weight: rule.grant.weight, limits: rule.grant.limits)
      if let earlier = terms[name], earlier != own {
        client.fault(
          "name",
          "another rule has it already, with another weight or other limits; give both the same, "
            + "which they then share, or two names")
      }
      terms[name] = own
    }
  }

  private mutating func readService(_ reader: inout TableReader, accounts: Accounts) {
    clients.adminGroups = Set(service.adminGroups.compactMap { accounts.group($0) })
    reader.table("service") { clients.adminGroups = service.read(&$0, accounts: accounts) }
  }

  private mutating func readUpstreams(
    _ reader: inout TableReader, key: (KeySource) throws(KeySource.Failure) -> APIKey?
  ) {
    var names: Set<String> = []
    reader.tables("upstream") { table in
      let upstream = UpstreamSettings.read(&table, key: key)
      if let name = table.text("name"), !names.insert(name).inserted {
        table.fault("name", "another upstream has it already; names must differ")
      }
      if let upstream { upstreams.append(upstream) }
    }
  }
}
