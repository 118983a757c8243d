package import PromptProtocol

/// What a client rule gives; what it leaves out (nil) depends on who asks.
package struct ClientGrant: Hashable, Sendable {
  /// The client's name; without one it is named after its user.
  package var name: String?
  /// The class of its requests.
  package var priority: PriorityClass?
  /// The best class that it may ask for.
  package var maxPriority: PriorityClass?
  /// Its share against others in a class; 1 is ordinary.
  package var weight = 1
  package var limits = ClientLimits()
  /// The models that it may use.
  package var models = [Glob.everything]
  package var cacheScope = CacheScope.shared
  /// Whether it may administer, beside those who may anyway.
  package var admin = false

  /// What holds where nothing else is said.
  package init() {}

  /// The best class that may be asked for where a rule does not say.
  package static func defaultMaxPriority(admin: Bool) -> PriorityClass { admin ? .urgent : .high }

  /// The whole policy for a user: a class that is written holds for admins too.
  package func policy(userName: String, admin: Bool) -> ClientPolicy {
    let admin = admin || self.admin
    let most = maxPriority ?? Self.defaultMaxPriority(admin: admin)
    return ClientPolicy(
      name: name ?? userName, priority: min(priority ?? .normal, most), maxPriority: most,
      weight: weight, limits: limits, models: models, cacheScope: cacheScope, admin: admin)
  }
}
