import PromptCore

/// Who is at the other end of a connection, and what holds for them.
struct Caller: Sendable {
  let identity: PeerIdentity
  let policy: ClientPolicy
  let record: ClientRecord
  /// Nil when every model is allowed, so that nothing is asked on the way of a hit.
  let models: [Glob]?
  /// What keeps a private client's answers apart; nil for the shared cache.
  let namespace: String?

  /// Works out what holds for `identity`.
  init(_ identity: PeerIdentity, rules: ClientRules, clients: ClientRegistry) {
    self.identity = identity
    policy = rules.policy(for: identity)
    record = clients.record(of: policy.name)
    models = policy.models.contains(.everything) ? nil : policy.models
    switch policy.cacheScope {
    case .shared: namespace = nil
    case .private: namespace = "uid-\(identity.uid)"
    }
  }
}
