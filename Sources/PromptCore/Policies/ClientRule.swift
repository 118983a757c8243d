/// One `[[client]]` of the configuration: whom it is for, and what it gives.
package struct ClientRule: Hashable, Sendable {
  package var match: ClientMatch
  package var grant: ClientGrant

  /// A rule that gives `grant` to whom `match` fits.
  package init(match: ClientMatch, grant: ClientGrant) {
    self.match = match
    self.grant = grant
  }
}
