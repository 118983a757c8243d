package import JSON

/// One chat-completions body, checked; a view that is valid as long as its document is.
package struct ChatBody {
  package let root: JSONValue
  package let model: JSONValue
  package let messages: JSONValue
  /// Nil when absent or null.
  package private(set) var seed: JSONValue?
  package private(set) var stream = false
  package private(set) var streamOptions: JSONValue?
  package private(set) var options = RequestOptions()

  /// How strictly bodies are read.
  package struct Rules: Equatable, Sendable {
    /// Check documented parameters against their ranges.
    package var validate: Bool
    /// Refuse parameters that the API does not document, and a missing `max_tokens`.
    package var strict: Bool

    package init(validate: Bool = true, strict: Bool = false) {
      self.validate = validate
      self.strict = strict
    }
  }

  /// Reads a body; throws `invalid_params` for the first fault in the body's own order, and after
  /// that for what is missing, or needs another parameter. `defaults` hold where the body's own
  /// member `promptd` says nothing.
  package init(
    _ root: JSONValue, rules: Rules = Rules(), defaults: RequestOptions = RequestOptions()
  ) throws(WireError) {
    guard root.kind == .object else {
      throw WireError(.invalidParams, "the body must be an object, not \(root.kind.name)")
    }
    self.root = root
    options = defaults
    var model: JSONValue?
    var messages: JSONValue?
    var hasMaxTokens = false
    for (name, value) in root.members {
      if name.isString("promptd") {
        if !value.isNull { options = try RequestOptions(value, defaults: defaults) }
        continue
      }
      try Self.check(name, value, rules)
      if name.isString("model") {
        model = value
      } else if name.isString("messages") {
        try Self.checkMessages(value, rules)
        messages = value
      } else if value.isNull {
        continue
      } else if name.isString("seed") {
        seed = value
      } else if name.isString("stream") {
        stream = value.bool == true
      } else if name.isString("stream_options") {
        streamOptions = value
      } else if name.isString("max_tokens") {
        hasMaxTokens = true
      }
    }
    self.model = try Self.present(model, "model")
    self.messages = try Self.present(messages, "messages")
    if rules.strict, !hasMaxTokens { _ = try Self.present(nil, "max_tokens") }
    if rules.validate { try checkCompany() }
  }

  /// Whether a stream's caller asked for the usage chunk.
  package var includesUsage: Bool { streamOptions?["include_usage"]?.bool == true }

  private static func present(_ value: JSONValue?, _ name: String) throws(WireError) -> JSONValue {
    if let value { return value }
    throw WireError(.invalidParams, "\(name) is missing: it is required", param: name)
  }

  /// `model`, `messages` and `seed` make the key and `stream` the reply's form, so their types
  /// are checked even where validation is left to the upstream.
  private static func check(
    _ name: JSONValue, _ value: JSONValue, _ rules: Rules
  ) throws(WireError) {
    let isRequired = name.isString("model") || name.isString("messages")
    let isOurs =
      isRequired || name.isString("seed") || name.isString("stream")
      || name.isString("stream_options")
    guard rules.validate || rules.strict || isOurs else { return }
    guard let rule = ChatParameters.rule(for: name) else {
      if rules.strict { throw Self.undocumented(name) }
      return
    }
    guard rules.validate || isOurs, isRequired || !value.isNull else { return }
    guard let fault = rule.fault(value) else { return }
    let param = (name.string ?? "") + fault.path
    throw WireError(.invalidParams, "\(param) \(fault.text)", param: param)
  }

  /// Some parameters mean nothing without another.
  private func checkCompany() throws(WireError) {
    if streamOptions != nil, !stream { throw Self.lonely("stream_options", without: "stream") }
    if let top = root["top_logprobs"], !top.isNull, root["logprobs"]?.bool != true {
      throw Self.lonely("top_logprobs", without: "logprobs")
    }
  }

  private static func lonely(_ param: String, without other: String) -> WireError {
    WireError(.invalidParams, "\(param) needs \(other) to be true", param: param)
  }

  private static func undocumented(_ name: JSONValue) -> WireError {
    let text = name.beginning(64)
    return WireError(
      .invalidParams, "\(text) is not a documented parameter, and api.strict refuses such",
      param: text)
  }

  private static func checkMessages(_ value: JSONValue, _ rules: Rules) throws(WireError) {
    var count = 0
    for message in value.elements {
      defer { count += 1 }
      if let fault = MessageRule.fault(message, validate: rules.validate) {
        let param = "messages[\(count)]\(fault.path)"
        throw WireError(.invalidParams, "\(param) \(fault.text)", param: param)
      }
    }
    if count == 0 {
      throw WireError(.invalidParams, "messages must not be empty", param: "messages")
    }
  }
}
