/// What a JSON document that is made up looks like; now and then it looks otherwise.
indirect enum Shape: Sendable {
  case any
  case text([String])
  case number
  case flag
  case list(Shape)
  case object([(name: String, shape: Shape)])

  /// Writes a document by the decisions of a recipe.
  func write(_ recipe: inout Recipe, depth: Int = 0, to output: inout [UInt8]) {
    // One in sixteen is anything.
    if depth > 0, recipe.number(below: 16) == 15 {
      return Self.writeAnything(&recipe, depth: depth, to: &output)
    }
    switch self {
    case .any: Self.writeAnything(&recipe, depth: depth, to: &output)
    case .text(let texts):
      let own = recipe.number(below: texts.count + 1)
      if own < texts.count {
        Self.writeText(Array(texts[own].utf8), to: &output)
      } else {
        Self.writeText(recipe.bytes(), to: &output)
      }
    case .number: output += recipe.choice(of: Self.numbers).utf8
    case .flag: output += recipe.choice(of: ["true", "false", "null"]).utf8
    case .list(let shape):
      Self.writeRow(recipe.number(below: 4), "[", "]", to: &output) { _, output in
        shape.write(&recipe, depth: depth + 1, to: &output)
      }
    case .object(let members):
      // Most members most of the time, sometimes in another place, and some that nobody knows.
      let present = members.filter { _ in recipe.number(below: 8) != 7 }
      let strange = recipe.number(below: 8) == 7 ? 1 : 0
      Self.writeRow(present.count + strange, "{", "}", to: &output) { index, output in
        guard index < present.count else {
          Self.writeText(Array(recipe.choice(of: Self.names).utf8), to: &output)
          output.append(UInt8(ascii: ":"))
          return Self.writeAnything(&recipe, depth: depth + 1, to: &output)
        }
        Self.writeText(Array(present[index].name.utf8), to: &output)
        output.append(UInt8(ascii: ":"))
        present[index].shape.write(&recipe, depth: depth + 1, to: &output)
      }
    }
  }

  private static func writeAnything(
    _ recipe: inout Recipe, depth: Int, to output: inout [UInt8]
  ) {
    let shapes: [Shape] = [.number, .flag, .text(words), .text(names)]
    let deep: [Shape] = [.list(.any), .object(names.prefix(3).map { ($0, .any) })]
    let shape = recipe.choice(of: depth < 6 && !recipe.isUsedUp ? shapes + deep : shapes)
    shape.write(&recipe, depth: 0, to: &output)
  }

  private static func writeRow(
    _ count: Int, _ opening: Character, _ closing: Character, to output: inout [UInt8],
    _ write: (Int, inout [UInt8]) -> Void
  ) {
    output += String(opening).utf8
    for index in 0..<count {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      write(index, &output)
    }
    output += String(closing).utf8
  }

  /// Bytes as a string, right or wrong: what would end it is escaped, and nothing else.
  private static func writeText(_ bytes: [UInt8], to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { output.append(UInt8(ascii: "\\")) }
      output.append(byte)
    }
    output.append(UInt8(ascii: "\""))
  }

  static let numbers = [
    "0", "1", "2", "-1", "7", "128", "129", "255", "1048576", "4294967296", "9007199254740992",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551615", "18446744073709551616", "0.5", "-0.0", "1e0", "1.0", "1e308", "1e309",
    "5e-324", "1e-400", "1732000000000", "253402300800000", "0.1e1", "1E+2",
  ]
  static let words = [
    "", "x", "\\n", "\\u0000", "\\ud83d\\ude00", "\\ud800", "é", "😀", "{}", "[DONE]", "data: x",
    "\\\"", "use", "refresh", "bypass", "only", "low", "urgent", "stop", "length", "sandbox",
  ]
  static let names = [
    "promptd", "messages", "model", "seed", "n", "stream", "tools", "response_format", "content",
    "role", "error", "id", "jsonrpc", "method", "params", "index", "usage", "object", "",
    "idempotency_key", "finish_reason", "created", "vary", "type", "function", "__proto__",
  ]
}

/// The documents that are spoken of.
extension Shape {
  static let part = Shape.object([
    ("type", .text(["text", "image_url", "video_url"])), ("text", .text(words)),
    ("image_url", .object([("url", .text(["data:image/png;base64,AA==", "https://a/b"]))])),
  ])
  static let toolCall = Shape.object([
    ("index", .number), ("id", .text(["call_1"])), ("type", .text(["function"])),
    (
      "function", .object([("name", .text(["f"])), ("arguments", .text(["{}", "{\\\"a\\\":1}"]))])
    ),
  ])
  static let message = Shape.object([
    ("role", .text(["user", "system", "assistant", "tool"])), ("content", .text(words)),
    ("name", .text(["a"])), ("tool_call_id", .text(["call_1"])),
    ("reasoning_content", .text(words)), ("tool_calls", .list(toolCall)),
  ])
  static let options = Shape.object([
    ("priority", .text(["low", "high", "urgent"])), ("cache", .text(["use", "only", "bypass"])),
    ("max_age", .number), ("ttl", .number), ("max_wait", .number), ("timeout", .number),
    ("label", .text(["l"])), ("events", .flag), ("idempotency_key", .text(["k"])),
  ])
  static let body = Shape.object([
    ("model", .text(["m", "n"])),
    ("messages", .list(.object([("role", .text(["user"])), ("content", .list(part))]))),
    ("messages", .list(message)), ("seed", .number), ("stream", .flag),
    ("stream_options", .object([("include_usage", .flag)])), ("n", .number),
    ("temperature", .number), ("top_p", .number), ("max_tokens", .number),
    ("stop", .list(.text(words))),
    ("tools", .list(.object([("type", .text(["function"])), ("function", .any)]))),
    ("tool_choice", .any), ("response_format", .object([("type", .text(["json_object"]))])),
    ("logprobs", .flag), ("top_logprobs", .number), ("logit_bias", .any), ("promptd", options),
  ])
  static let usage = Shape.object([
    ("prompt_tokens", .number), ("completion_tokens", .number), ("total_tokens", .number),
  ])
  static let chunk = Shape.object([
    ("id", .text(["c"])), ("object", .text(["chat.completion.chunk"])), ("created", .number),
    ("model", .text(["m"])),
    (
      "choices",
      .list(
        .object([
          ("index", .number), ("delta", message), ("finish_reason", .text(["stop", "tool_calls"])),
          ("logprobs", .object([("content", .list(.any))])),
        ]))
    ),
    ("usage", usage),
  ])
  static let completion = Shape.object([
    ("id", .text(["c"])), ("object", .text(["chat.completion"])), ("created", .number),
    ("model", .text(["m"])),
    (
      "choices",
      .list(
        .object([
          ("index", .number), ("message", message), ("finish_reason", .text(["stop", "length"])),
        ]))
    ),
    ("usage", usage), ("error", .any), ("system_fingerprint", .text(["sandbox"])),
  ])
  static let call = Shape.object([
    ("jsonrpc", .text(["2.0"])), ("id", .any), ("method", .text(["chat", "ping", "job.get"])),
    ("params", body),
  ])
  static let batchLine = Shape.object([
    ("custom_id", .text(["a"])), ("method", .text(["POST"])),
    ("url", .text(["/v1/chat/completions"])), ("body", body),
  ])
  static let entry = Shape.object([
    (
      "request",
      .object([
        (
          "key",
          .object([("messages", .list(message)), ("model", .text(["m"])), ("seed", .number)])
        ),
        (
          "variant",
          .object([("n", .number), ("promptd", .object([("vary", .list(.text(names)))]))])
        ),
      ])
    ),
    ("answer", completion), ("boundaries", .list(.number)), ("origin", .text(["http://a/v1"])),
    ("created", .number), ("expires", .number), ("client", .text(["c"])),
    ("upstream_ms", .number), ("cost", .number),
  ])
}
