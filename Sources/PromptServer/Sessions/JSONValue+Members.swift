import JSON
import PromptProtocol

extension JSONValue? {
  /// Refuses members that a method does not know: a misspelt one must not be shrugged off, for
  /// without its upstream a pause would be of all.
  func check(_ known: [StaticString]) throws(WireError) {
    guard let params = self else { return }
    for (name, _) in params.members where !known.contains(where: name.isString) {
      let text = name.beginning(64)
      let names = known.isEmpty ? "none" : known.map(\.description).joined(separator: ", ")
      throw WireError(.invalidParams, "\(text) is not known; there are \(names)", param: text)
    }
  }
}
