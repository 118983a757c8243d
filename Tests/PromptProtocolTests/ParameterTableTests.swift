import JSON
import PromptProtocol
import Testing

/// One row for each documented parameter: its lowest and highest values, what is just outside of
/// them, and what is of the wrong type.
struct ParameterTableTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    /// Taken: the lowest, the highest, and kinds that differ.
    var good: [String]
    /// Refused: just outside on both sides.
    var outside: [String] = []
    /// Refused: of the wrong type.
    var wrong: [String]
    /// Other members that the parameter needs.
    var company = ""
    var isRequired = false

    var testDescription: String { name }
  }

  private static let longest = String(repeating: "m", count: 256)

  static let rows = [
    Row(
      name: "model", good: [#""m""#, "\"\(longest)\""], outside: ["\"\(longest)m\""],
      wrong: ["7", "[]"], isRequired: true),
    Row(
      name: "messages", good: [#"[{"role":"user","content":"x"}]"#], outside: ["[]"],
      wrong: ["{}", #""x""#, "[7]"], isRequired: true),
    Row(
      name: "temperature", good: ["0", "2"], outside: ["-0.0001", "2.0001"],
      wrong: [#""1""#, "true"]),
    Row(
      name: "max_tokens", good: ["1", "9223372036854775807"], outside: ["0"], wrong: ["1.5", "[]"]),
    Row(
      name: "seed", good: ["-9223372036854775808", "18446744073709551615", "7.0"],
      wrong: [#""7""#, "7.5", "{}"]),
    Row(name: "stream", good: ["true", "false"], wrong: ["1", #""true""#]),
    Row(
      name: "stream_options", good: ["{}", #"{"include_usage":true}"#],
      wrong: ["true", #"{"include_usage":1}"#], company: #","stream":true"#),
    Row(name: "top_p", good: ["0.0001", "1"], outside: ["0", "1.0001"], wrong: [#""1""#, "[]"]),
    Row(name: "n", good: ["1", "128"], outside: ["0", "129"], wrong: ["1.5", #""1""#]),
    Row(
      name: "stop", good: [#""x""#, "[]", #"["a","b","c","d"]"#],
      outside: [#"["a","b","c","d","e"]"#], wrong: ["7", "[7]"]),
    Row(
      name: "tools", good: ["[]", #"[{"type":"function","function":{"name":"f"}}]"#],
      wrong: ["{}", "[7]", #"[{"type":"function"}]"#]),
    Row(
      name: "response_format", good: [#"{"type":"text"}"#, #"{"type":"json_object"}"#],
      wrong: [#""json""#, "{}", #"{"type":"xml"}"#]),
    Row(
      name: "frequency_penalty", good: ["-2", "2"], outside: ["-2.0001", "2.0001"],
      wrong: [#""0""#, "{}"]),
    Row(
      name: "presence_penalty", good: ["-2", "2"], outside: ["-2.0001", "2.0001"],
      wrong: [#""0""#, "{}"]),
    Row(
      name: "repetition_penalty", good: ["0.0001", "2"], outside: ["0", "2.0001"],
      wrong: [#""1""#, "true"]),
    Row(name: "top_k", good: ["1", "128"], outside: ["0", "129"], wrong: ["1.5", #""1""#]),
    Row(name: "min_p", good: ["0", "1"], outside: ["-0.0001", "1.0001"], wrong: [#""0""#, "[]"]),
    Row(
      name: "logit_bias", good: ["{}", #"{"5":-100,"6":100}"#],
      outside: [#"{"5":-101}"#, #"{"5":101}"#], wrong: ["[]", #"{"5":"1"}"#]),
    Row(name: "logprobs", good: ["true", "false"], wrong: ["1", #""true""#]),
    Row(
      name: "top_logprobs", good: ["0", "20"], outside: ["-1", "21"], wrong: ["1.5", "true"],
      company: #","logprobs":true"#),
    Row(name: "separate_reasoning", good: ["true", "false"], wrong: ["1", #""no""#]),
    Row(name: "enable_thinking", good: ["true", "false"], wrong: ["0", #""no""#]),
  ]

  /// What a body says in which only this parameter may be wrong.
  private func fault(_ row: Row, _ value: String?) throws -> WireError? {
    var members = [(name: "model", value: #""m""#)]
    members.append(("messages", #"[{"role":"user","content":"x"}]"#))
    members.removeAll { $0.name == row.name }
    if let value { members.append((row.name, value)) }
    let text = members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",")
    return try bodyFault("{\(text)\(row.company)}")
  }

  @Test func everyDocumentedParameterHasARow() {
    #expect(Self.rows.map(\.name).sorted() == ChatParameters.names.sorted())
  }

  @Test(arguments: rows) func whatIsInRangeIsTaken(_ row: Row) throws {
    for value in row.good { #expect(try fault(row, value) == nil, "\(value.prefix(40))") }
  }

  @Test(arguments: rows) func whatIsOutsideOrOfTheWrongTypeIsRefusedByName(_ row: Row) throws {
    for value in row.outside + row.wrong {
      let fault = try #require(try fault(row, value), "\(value.prefix(40))")
      #expect(fault.name == .invalidParams)
      #expect(fault.param?.hasPrefix(row.name) == true)
      #expect(fault.message.hasPrefix(fault.param ?? "?"))
    }
  }

  @Test(arguments: rows) func nullIsTheSameAsNothing(_ row: Row) throws {
    for value in [nil, "null"] {
      #expect((try fault(row, value) == nil) == !row.isRequired)
    }
  }
}
