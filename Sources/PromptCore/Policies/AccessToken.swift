package import PromptProtocol

/// A bearer token that names a client.
package struct AccessToken: Equatable, Sendable {
  package var token: APIKey
  /// The name of a client rule.
  package var client: String

  package init(token: APIKey, client: String) {
    self.token = token
    self.client = client
  }
}
