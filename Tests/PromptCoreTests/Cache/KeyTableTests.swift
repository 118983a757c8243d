import JSON
import PromptCore
import PromptProtocol
import Testing

/// What every parameter means to the cache, and parameters that nobody has heard of: a row each.
@Suite struct KeyTableTests {
  /// A parameter with a value, another value, and a default that is said explicitly.
  struct Row: CustomTestStringConvertible, Sendable {
    /// What a change of the value changes.
    enum Part: Sendable { case key, variant, nothing }

    var name: String
    var value: String
    var other: String
    /// Nil where the parameter has no default.
    var said: String?
    var part = Part.variant
    /// It counts whatever `cache.vary` says.
    var isShaping = false

    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "model", value: #""m""#, other: #""M""#, part: .key),
    Row(
      name: "messages", value: #"[{"role":"user","content":"hi"}]"#,
      other: #"[{"role":"user","content":"hi "}]"#, part: .key),
    Row(name: "temperature", value: "0.5", other: "0.51", said: "1"),
    Row(name: "max_tokens", value: "100", other: "101", said: "512", isShaping: true),
    Row(name: "seed", value: "7", other: "8", said: "0", part: .key),
    Row(name: "stream", value: "true", other: "false", said: "false", part: .nothing),
    Row(
      name: "stream_options", value: #"{"include_usage":true}"#,
      other: #"{"include_usage":false}"#, said: #"{"include_usage":false}"#, part: .nothing),
    Row(name: "top_p", value: "0.5", other: "0.6", said: "1"),
    Row(name: "n", value: "2", other: "3", isShaping: true),
    Row(name: "stop", value: #""a""#, other: #"["a"]"#, said: "[]"),
    Row(
      name: "tools", value: #"[{"type":"function","function":{"name":"f"}}]"#,
      other: #"[{"type":"function","function":{"name":"g"}}]"#, said: "[]", isShaping: true),
    Row(
      name: "response_format", value: #"{"type":"json_object"}"#, other: #"{"type":"text"}"#,
      said: #"{"type":"text"}"#, isShaping: true),
    Row(name: "frequency_penalty", value: "0.5", other: "-0.5", said: "0"),
    Row(name: "presence_penalty", value: "0.5", other: "-0.5", said: "0"),
    Row(name: "repetition_penalty", value: "1.5", other: "1.4", said: "1"),
    Row(name: "top_k", value: "5", other: "6", said: "50"),
    Row(name: "min_p", value: "0.1", other: "0.2", said: "0"),
    Row(name: "logit_bias", value: #"{"1":2}"#, other: #"{"1":3}"#, said: "{}"),
    Row(name: "logprobs", value: "true", other: "false", said: "false", isShaping: true),
    Row(name: "top_logprobs", value: "2", other: "3", said: "0", isShaping: true),
    Row(name: "separate_reasoning", value: "true", other: "false", said: "false"),
    Row(name: "enable_thinking", value: "true", other: "false", said: "false"),
    Row(
      name: "tool_choice", value: #""auto""#, other: #""none""#, said: #""none""#, isShaping: true),
    Row(name: "made_up", value: "1", other: "2", said: "0"),
    Row(name: "another", value: #"{"a":[1]}"#, other: #"{"a":[2]}"#, said: "{}"),
    Row(name: "n\u{e9}w", value: "true", other: "false", said: "false"),
  ]

  private static let vary: [VaryRule] = [
    .everything, .members([]), .members(["temperature"]), .members(["made_up", "top_p"]),
  ]

  private func keys(_ name: String, _ value: String?, _ vary: VaryRule) throws -> CacheKeys {
    var members = [
      ("model", #""m""#), ("messages", #"[{"role":"user","content":"hi"}]"#), ("user", #""u""#),
    ]
    members.removeAll { $0.0 == name }
    if let value { members.append((name, value)) }
    let body = members.map { #""\#($0.0)":\#($0.1)"# }.joined(separator: ",")
    return try JSONParser().withDocument(of: "{\(body)}".utf8) { root in
      var maker = KeyMaker(vary: vary)
      return try maker.keys(for: try ChatBody(root, rules: .init(validate: false)))
    }
  }

  private func counts(_ row: Row, under rule: VaryRule) -> Bool {
    switch (row.part, rule) {
    case (.nothing, _): false
    case (.key, _), (.variant, .everything): true
    case (.variant, .members(let names)): row.isShaping || names.contains(row.name)
    }
  }

  @Test func everyParameterHasARow() {
    #expect(Set(ChatParameters.names).isSubset(of: Self.rows.map(\.name)))
  }

  @Test(arguments: rows, vary)
  func theSameValueHitsAndAChangedOneMisses(_ row: Row, _ rule: VaryRule) throws {
    let one = try keys(row.name, row.value, rule)
    #expect(try keys(row.name, row.value, rule) == one)
    let other = try keys(row.name, row.other, rule)
    #expect((other != one) == counts(row, under: rule))
    #expect((other.key != one.key) == (row.part == .key))
  }

  @Test(arguments: rows.filter { !["model", "messages"].contains($0.name) }, vary)
  func nullHitsWhatWasMadeWithoutItAndAnotherDefaultDoesNot(
    _ row: Row, _ rule: VaryRule
  ) throws {
    let without = try keys(row.name, nil, rule)
    #expect(try keys(row.name, "null", rule) == without)
    if row.name == "n" { #expect(try keys("n", "1", rule) == without) }
    guard let said = row.said else { return }
    #expect((try keys(row.name, said, rule) != without) == counts(row, under: rule))
  }

  @Test func anAnswerUnderOneRuleIsNotFoundUnderAnother() throws {
    let all = try Self.vary.map { try keys("temperature", "0.5", $0) }
    #expect(Set(all).count == all.count)
    #expect(Set(all.map(\.key)).count == 1)
  }

  @Test func numbersAreTheSameHoweverTheyAreWritten() throws {
    let forms = try ["0.5", "0.50", "5e-1"].map { try keys("temperature", $0, .everything) }
    #expect(Set(forms).count == 1)
  }
}
