/// What the queue goes by for one client. Rules under one name that give the same share one count.
package struct ClientTerms: Hashable, Sendable {
  package var name: String
  /// Its share against others in a class, at least 1.
  package var weight: Int
  package var limits: ClientLimits

  package init(name: String, weight: Int = 1, limits: ClientLimits = ClientLimits()) {
    self.name = name
    self.weight = max(1, weight)
    self.limits = limits
  }

  /// The terms in a policy.
  package init(_ policy: ClientPolicy) {
    self.init(name: policy.name, weight: policy.weight, limits: policy.limits)
  }
}
