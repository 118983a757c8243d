/// All clients that have come, and the day in which their budgets count.
package struct ClientAccounts: Sendable {
  package private(set) var day: Day
  private var ids: [ClientTerms: ClientID] = [:]
  private var accounts: [ClientID: ClientAccount] = [:]
  /// What was spent today under names that nobody has come under yet.
  private var spent: [String: Spending]

  /// Stands in for a client that was never admitted: it has no limits.
  private static let unknown = ClientAccount(ClientTerms(name: "unknown"))

  package init(day: Day = .endless, spent: [String: Spending] = [:]) {
    self.day = day
    self.spent = spent
  }

  /// Every client, in no order.
  package var all: some Collection<ClientAccount> { accounts.values }

  package internal(set) subscript(_ client: ClientID) -> ClientAccount {
    get { accounts[client] ?? Self.unknown }
    _modify { yield &accounts[client, default: Self.unknown] }
  }

  /// The client under these terms, a new one if need be.
  package mutating func admit(_ terms: ClientTerms) -> ClientID {
    if let known = ids[terms] { return known }
    let id = ClientID(rawValue: ids.count + 1)
    ids[terms] = id
    accounts[id] = ClientAccount(terms, spent: spent[terms.name] ?? Spending())
    return id
  }

  /// A new day begins: nothing is spent.
  package mutating func begin(_ day: Day) {
    self.day = day
    spent = [:]
    for id in accounts.keys { accounts[id]?.spent = Spending() }
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
    for (id, account) in accounts where id != client && account.terms.name == name {
      accounts[id]?.spent = all
    }
  }
}
