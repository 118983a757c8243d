import PromptCore
import PromptProtocol

/// Who is asking over one connection: the peer of the socket, or whom a token names. It belongs to
/// the connection's event loop.
protocol CallerSource {
  /// The caller of one request, with its header `Authorization`, by the rules that are in force now;
  /// throws `unauthorized`.
  func caller(authorization: String?, _ rules: ServingRules) throws(WireError) -> Caller
  /// The caller of whatever comes over the connection, if that does not depend on a header.
  func caller(_ rules: ServingRules) -> Caller?
  /// Other rules are in force.
  func rulesChanged(to rules: ServingRules)
}

/// The peer of a Unix socket, whatever the header says.
final class PeerCaller: CallerSource {
  private let identity: PeerIdentity
  private let clients: ClientRegistry
  private let broker: Broker
  private var known: (caller: Caller, rules: Int)

  /// A peer that has just connected.
  init(
    _ identity: PeerIdentity, _ rules: ServingRules, clients: ClientRegistry, broker: Broker
  ) {
    self.identity = identity
    self.clients = clients
    self.broker = broker
    known = (Self.caller(identity, rules, clients, broker), rules.number)
    known.caller.record.connected()
  }

  func caller(_ rules: ServingRules) -> Caller? { peer(rules) }

  /// Who it is, by the rules that are in force now.
  func peer(_ rules: ServingRules) -> Caller {
    if known.rules == rules.number { return known.caller }
    let last = known.caller.record
    known = (Self.caller(identity, rules, clients, broker), rules.number)
    known.caller.record.connected()
    last.disconnected()
    return known.caller
  }

  func caller(authorization: String?, _ rules: ServingRules) -> Caller { peer(rules) }

  /// What waits goes by the new rules at once.
  func rulesChanged(to rules: ServingRules) { _ = peer(rules) }

  /// The connection is gone.
  func disconnected() { known.caller.record.disconnected() }

  private static func caller(
    _ identity: PeerIdentity, _ rules: ServingRules, _ clients: ClientRegistry, _ broker: Broker
  ) -> Caller {
    Caller(
      .user(identity.uid), rules.clients.policy(for: identity), identity: identity,
      rules: rules.number, clients: clients, broker: broker)
  }
}

/// Whoever shows a token on the loopback listener.
struct TokenBearer: CallerSource {
  func caller(authorization: String?, _ rules: ServingRules) throws(WireError) -> Caller {
    try rules.tokens.caller(authorization: authorization)
  }

  func caller(_ rules: ServingRules) -> Caller? { nil }

  func rulesChanged(to rules: ServingRules) {}
}
