import JSON
import PromptCore
import PromptProtocol

/// Who is asking, and what holds for them. It never changes, and is handed on by reference: every
/// request looks at it several times.
final class Caller: Sendable {
  let owner: Owner
  let asker: Asker
  /// Who the kernel says it is; nil for whoever shows a token.
  let identity: PeerIdentity?
  let policy: ClientPolicy
  let record: ClientRecord
  /// Whose limits its requests count against.
  let account: ClientID
  /// Nil when every model is allowed, so that nothing is asked on the way of a hit.
  let models: [Glob]?
  /// What keeps a private client's answers apart; nil for the shared cache.
  let namespace: String?

  /// Somebody for whom `policy` holds by the so-manieth rules.
  init(
    _ owner: Owner, _ policy: ClientPolicy, identity: PeerIdentity? = nil, rules number: Int,
    clients: ClientRegistry, broker: Broker
  ) {
    self.owner = owner
    self.identity = identity
    asker = Asker(uid: owner.uid, unit: identity?.unit)
    self.policy = policy
    record = clients.record(of: policy.name)
    account = broker.admit(ClientTerms(policy), rules: number)
    models = policy.models.contains(.everything) ? nil : policy.models
    switch policy.cacheScope {
    case .shared: namespace = nil
    case .private: namespace = owner.namespace
    }
  }

  /// Throws `forbidden` for a model that it may not use.
  func checkModel(of body: ChatBody) throws(WireError) {
    guard let models else { return }
    let model = body.model.string ?? ""
    guard models.match(model) else {
      throw WireError(
        .forbidden,
        "this client may not use the model \(model): its rule's models do not name it",
        param: "model")
    }
  }
}
