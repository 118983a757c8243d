package import JSON

/// The documented parameters of the chat-completions API and what each may hold.
package enum ChatParameters {
  /// The rule for a parameter; nil for one that the API does not document.
  package static func rule(for name: JSONValue) -> ParameterRule? {
    // A name is as long as it is written, unless it is escaped; then all are looked at.
    let length = name.raw.count - 2
    if byLength.indices.contains(length) {
      for entry in byLength[length] where name.isString(entry.name) { return entry.rule }
    }
    return name.raw.contains(UInt8(ascii: "\\"))
      ? table.first { name.isString($0.name) }?.rule : nil
  }

  /// The names of all of them.
  package static var names: [String] { table.map(\.name.description) }

  /// The entries of the table by the length of their names, for every member of every body is
  /// looked up.
  private static let byLength: [[(name: StaticString, rule: ParameterRule)]] = {
    let longest = table.map(\.name.utf8CodeUnitCount).max() ?? 0
    return (0...longest).map { length in table.filter { $0.name.utf8CodeUnitCount == length } }
  }()

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
