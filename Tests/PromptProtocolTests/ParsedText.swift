import JSON
import PromptProtocol

/// Parses `text` and lends its root.
func withJSON<Result>(_ text: String, _ body: (JSONValue) throws -> Result) throws -> Result {
  try JSONParser().withDocument(of: text.utf8, body)
}

/// The error that reading `text` as a body throws; nil when it throws none.
func bodyFault(_ text: String, _ rules: ChatBody.Rules = .init()) throws -> WireError? {
  try withJSON(text) { root in
    do throws(WireError) {
      _ = try ChatBody(root, rules: rules)
      return nil
    } catch {
      return error
    }
  }
}

/// A good body with these members after `model` and `messages`.
func body(_ members: String) -> String {
  #"{"model":"m","messages":[{"role":"user","content":"hi"}],\#(members)}"#
}

/// What `body` writes.
func written(_ body: (inout JSONWriter) -> Void) -> String {
  var writer = JSONWriter()
  body(&writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}
