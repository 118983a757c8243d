package import JSON

/// The documented parameters of the chat-completions API and what each may hold.
package enum ChatParameters {
  /// The rule for a parameter; nil for one that the API does not document.
  package static func rule(for name: JSONValue) -> ParameterRule? {
    table.first { name.isString($0.name) }?.rule
  }

  /// The names of all of them.
  package static var names: [String] { table.map(\.name.description) }

  private static let table: [(name: StaticString, rule: ParameterRule)] = [
    ("model", .string(bytes: 256)),
    ("messages", .array),
    ("temperature", .number(0...2)),
    ("max_tokens", .integer(1...Int.max)),
    ("seed", .integer(Int.min...Int.max)),
    ("stream", .boolean),
    ("stream_options", .streamOptions),
    ("top_p", .numberAbove(0, through: 1)),
    ("n", .integer(1...128)),
    ("stop", .stop),
    ("tools", .tools),
    ("response_format", .format),
    ("frequency_penalty", .number(-2...2)),
    ("presence_penalty", .number(-2...2)),
    ("repetition_penalty", .numberAbove(0, through: 2)),
    ("top_k", .integer(1...128)),
    ("min_p", .number(0...1)),
    ("logit_bias", .biases),
    ("logprobs", .boolean),
    ("top_logprobs", .integer(0...20)),
    ("separate_reasoning", .boolean),
    ("enable_thinking", .boolean),
  ]
}
