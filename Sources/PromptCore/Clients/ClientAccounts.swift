/// All clients that have come, and the day in which their budgets count.
package struct ClientAccounts: Sendable {
  package private(set) var day: Day
  private var ids: [ClientTerms: ClientID] = [:]
  /// Everybody under a name.
  private var namesakes: [String: [ClientID]] = [:]
  /// By id. The first stands in for clients that were never admitted: it has no limits.
  private var accounts = [ClientAccount(ClientTerms(name: "unknown"))]
  /// What was spent today under names that nobody has come under yet.
  private var spent: [String: Spending]
  /// The day before this one, as the clock had it, and what was spent in it.
  private var before: (day: String, spent: [String: Spending])?

  package init(day: Day = .endless, spent: [String: Spending] = [:]) {
    self.day = day
    self.spent = spent
  }

  /// Every client.
  package var all: ArraySlice<ClientAccount> { accounts.dropFirst() }

  package internal(set) subscript(_ client: ClientID) -> ClientAccount {
    get { accounts[index(client)] }
    _modify { yield &accounts[index(client)] }
  }

  private func index(_ client: ClientID) -> Int {
    accounts.indices.contains(client.rawValue) ? client.rawValue : 0
  }

  /// What keeps a client from starting a call of about so many tokens; nil when nothing does.
  func hindrance(_ client: ClientID, tokens: Int, now: MonotonicTime) -> Hindrance? {
    accounts[index(client)].hindrance(tokens: tokens, now: now)
  }

  /// The client under these terms, a new one if need be.
  package mutating func admit(_ terms: ClientTerms) -> ClientID {
    if let known = ids[terms] { return known }
    let id = ClientID(rawValue: accounts.count)
    ids[terms] = id
    namesakes[terms.name, default: []].append(id)
    accounts.append(ClientAccount(terms, spent: spent[terms.name] ?? Spending()))
    return id
  }

  /// The client under these terms of the so-manieth rules. One that came under its name by earlier
  /// rules is the same client: what it has waiting, running and spent counts by the new terms.
  mutating func admit(
    _ terms: ClientTerms, rules number: Int
  ) -> (client: ClientID, isChanged: Bool) {
    if let known = ids[terms] {
      self[known].rules = max(number, self[known].rules)
      return (known, false)
    }
    let earlier = namesakes[terms.name]?.first { self[$0].rules < number }
    guard let earlier else {
      let new = admit(terms)
      self[new].rules = number
      return (new, false)
    }
    ids[self[earlier].terms] = nil
    ids[terms] = earlier
    self[earlier].change(to: terms)
    self[earlier].rules = number
    return (earlier, true)
  }

  /// Another day begins, in which nothing is spent yet, unless the clock was set back to the one
  /// before: then what was spent in it counts again.
  package mutating func begin(_ day: Day) {
    let resumed = before.flatMap { $0.day == day.name ? $0.spent : nil } ?? [:]
    before = (self.day.name, spent)
    self.day = day
    spent = resumed
    for index in accounts.indices {
      accounts[index].spent = resumed[accounts[index].terms.name] ?? Spending()
    }
  }

  /// A call begins for a client.
  mutating func start(
    _ client: ClientID, tokens: Int, now: MonotonicTime
  ) -> SlidingMinute.Receipt {
    self[client].running += 1
    _ = self[client].requests.take(1, now: now)
    return self[client].tokens.take(tokens, now: now)
  }

  /// The call that held `slot` is over; `used` are the tokens that it took, nil where nobody knows.
  mutating func end(_ slot: Lane.Slot, used: Int?) {
    self[slot.client].running -= 1
    if let used { self[slot.client].tokens.correct(slot.clientReceipt, to: used) }
  }

  /// A call cost a client something: everybody under its name shares the budget.
  mutating func charge(_ client: ClientID, _ tokens: TokenCount, cost: Double) {
    let name = self[client].terms.name
    self[client].spent.add(tokens, cost: cost)
    let all = self[client].spent
    spent[name] = all
    for other in namesakes[name] ?? [] { self[other].spent = all }
  }
}
