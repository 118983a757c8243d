import Crypto
import PromptProtocol

/// Which client a bearer token names. How long a look takes tells nothing of the tokens: digests
/// are compared, each of them whole, and always all of them.
package struct TokenTable: Sendable {
  private var entries: [(digest: SHA256.Digest, client: String)]

  package init(_ tokens: [AccessToken]) {
    entries = tokens.map { token in
      (token.token.withSecret { SHA256.hash(data: Array($0.utf8)) }, token.client)
    }
  }

  /// The client that the value of an `Authorization` header names (RFC 6750 section 2.1); nil
  /// without a good token.
  package func client(authorization: String?) -> String? {
    guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return nil }
    let digest = SHA256.hash(data: Array(authorization.dropFirst(7).utf8))
    var found: String?
    // swift-crypto compares digests in constant time.
    for entry in entries where entry.digest == digest { found = entry.client }
    return found
  }
}
