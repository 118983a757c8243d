import JSON

/// A function that the request offers and that the answer will call.
struct OfferedFunction: Equatable, Sendable {
  var name: String
  /// The JSON schema of its arguments; an object of nothing when the request names none.
  var parameters: JSONTree

  /// The function to call: the one that `tool_choice` names, else the first; nil when there is
  /// none, when `tool_choice` is `none`, or when the last message is not the user's and no call is
  /// demanded.
  init?(_ root: JSONValue, endsWithUser: Bool) {
    let choice = root["tool_choice"]
    let wanted = choice?["function"]?["name"]?.string
    let isDemanded = wanted != nil || choice?.isString("required") == true
    guard endsWithUser || isDemanded, choice?.isString("none") != true else { return nil }
    let functions = (root["tools"]?.elements).map { $0.compactMap { $0["function"] } } ?? []
    let named = functions.first { $0["name"]?.string == wanted }
    guard let function = named ?? functions.first, let name = function["name"]?.string
    else { return nil }
    self.name = name
    parameters =
      function["parameters"].map(JSONTree.init) ?? .object([.init("type", .string("object"))])
  }
}
