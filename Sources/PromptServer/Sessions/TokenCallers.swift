import PromptCore
import PromptProtocol

/// The callers of the loopback listener: whoever has a token is the client that it names.
struct TokenCallers: Sendable {
  private let table: TokenTable
  private let callers: [String: Caller]

  init(
    _ tokens: [AccessToken], rules: ClientRules, number: Int, clients: ClientRegistry,
    broker: Broker
  ) {
    table = TokenTable(tokens)
    var callers: [String: Caller] = [:]
    for token in tokens {
      guard let policy = rules.policy(named: token.client) else { continue }
      callers[token.client] = Caller(
        .client(token.client), policy, rules: number, clients: clients, broker: broker)
    }
    self.callers = callers
  }

  /// Whoever shows a token; throws `unauthorized`.
  func caller(authorization: String?) throws(WireError) -> Caller {
    guard let name = table.client(authorization: authorization), let caller = callers[name] else {
      throw WireError(
        .unauthorized,
        "this listener wants Authorization: Bearer TOKEN, with a token of its http_tokens_file")
    }
    return caller
  }
}
