package import JSON
import PromptProtocol

/// What a request asked for that decides whether its answer may be kept.
package struct StorageRule: Equatable, Sendable {
  private var choices: Int
  private var maxTokens: Int?
  private var wantsJSON: Bool

  /// Reads what matters from the members of a body.
  package init(_ body: JSONValue) {
    choices = body["n"]?.int ?? 1
    maxTokens = body["max_completion_tokens"]?.int ?? body["max_tokens"]?.int
    let format = body["response_format"]?["type"]
    wantsJSON = format?.isString("json_object") == true || format?.isString("json_schema") == true
  }

  /// Why a completion with status 200 may not be kept; nil when it may.
  package func refusal(_ completion: JSONValue) -> NotStored? {
    guard let list = completion["choices"] else { return .tooFewChoices }
    var count = 0
    for choice in list.elements {
      count += 1
      if let reason = refusal(choice: choice, of: completion) { return reason }
    }
    return count == choices ? nil : .tooFewChoices
  }

  private func refusal(choice: JSONValue, of completion: JSONValue) -> NotStored? {
    guard let reason = choice["finish_reason"] else { return .finishReason }
    if reason.isString("length") {
      // The API may lower the limit by itself: only the caller's own limit makes it whole.
      let used = completion["usage"]?["completion_tokens"]?.int
      guard choices == 1, let used, let maxTokens, used >= maxTokens else { return .truncated }
    } else if !["stop", "tool_calls", "function_call"].contains(where: reason.isString) {
      return .finishReason
    }
    guard let message = choice["message"] else { return .empty }
    return refusal(message: message)
  }

  private func refusal(message: JSONValue) -> NotStored? {
    let calls = message["tool_calls"].elements
    var functions = calls.compactMap { $0["function"] }
    if let call = message["function_call"], !call.isNull { functions.append(call) }
    if !functions.allSatisfy({ Self.isJSON($0["arguments"]) }) { return .toolArguments }
    let hasText = ["content", "reasoning_content"].contains { (name: StaticString) in
      message[name]?.utf8.isEmpty == false
    }
    // There are tools that are no functions.
    let hasCall = !functions.isEmpty || !calls.isEmpty
    if !hasCall, !hasText { return .empty }
    if wantsJSON, !hasCall, !Self.isJSON(message["content"]) { return .notJSON }
    return nil
  }

  private static func isJSON(_ value: JSONValue?) -> Bool {
    guard let value, value.kind == .string else { return false }
    do {
      return try JSONParser().withDocument(of: value.utf8) { _ in true }
    } catch {
      return false
    }
  }
}
