import PromptCore
import PromptProtocol

extension KeySource {
  /// The bearer tokens of the HTTP listener: lines of `TOKEN CLIENT`, blank ones and those that
  /// begin with `#` passed over. `isClient` knows the names of the client rules.
  ///
  /// No message holds a word of the file, for any of them may be a token in the wrong place.
  func tokens(
    environment: [String: String], isClient: (String) -> Bool
  ) throws(Failure) -> [AccessToken] {
    let bytes = try contents(environment: environment, name: "http_tokens_file")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(message: "holds bytes that are no UTF-8")
    }
    var tokens: [AccessToken] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let token = words.first, !token.hasPrefix("#") else { continue }
      guard words.count == 2, token.utf8.allSatisfy({ (33...126).contains($0) }) else {
        throw Failure(
          message: "line \(index + 1) must be TOKEN CLIENT, the token in printable ASCII")
      }
      let client = String(words[1])
      guard isClient(client) else {
        throw Failure(message: "line \(index + 1) must end in the name of a [[client]]")
      }
      tokens.append(AccessToken(token: APIKey(String(token)), client: client))
    }
    guard !tokens.isEmpty else { throw Failure(message: "holds no token; write TOKEN CLIENT") }
    return tokens
  }
}
