package import PromptProtocol

/// What holds for one client: its name, rank, limits and rights.
package struct ClientPolicy: Hashable, Sendable {
  package var name: String
  /// The class of requests that ask for none.
  package var priority: PriorityClass
  /// The best class that a request may ask for; never below `priority`.
  package var maxPriority: PriorityClass
  /// Its share against others in a class, at least 1.
  package var weight: Int
  package var limits: ClientLimits
  /// The models that it may use.
  package var models: [Glob]
  package var cacheScope: CacheScope
  package var admin: Bool

  /// A policy, by default that of a client without a rule.
  package init(
    name: String, priority: PriorityClass = .normal, maxPriority: PriorityClass = .high,
    weight: Int = 1, limits: ClientLimits = ClientLimits(), models: [Glob] = [.everything],
    cacheScope: CacheScope = .shared, admin: Bool = false
  ) {
    self.name = name
    self.priority = priority
    self.maxPriority = maxPriority
    self.weight = weight
    self.limits = limits
    self.models = models
    self.cacheScope = cacheScope
    self.admin = admin
  }

  /// The class that a request gets: its client's own, or the one it asks for as far as allowed.
  package func granted(_ asked: PriorityClass?) -> PriorityClass {
    min(asked ?? priority, maxPriority)
  }

  /// Whether the client may use `model`.
  package func allows(model: String) -> Bool { models.match(model) }
}
