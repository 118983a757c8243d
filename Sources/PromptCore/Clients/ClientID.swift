/// Identifies one client of the broker: everybody under the same name and terms.
package struct ClientID: Hashable, Sendable {
  package var rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }
}
