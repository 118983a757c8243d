import JSON

/// What a body asks for, as far as the sandbox honours it.
struct ChatQuestion: Sendable {
  /// As the request wrote it.
  var model: String
  var behaviour: Behaviour
  /// The same for bodies that mean the same, whether they ask for a stream or not.
  var fingerprint: UInt64
  /// A quarter of the bytes of `messages`, rounded up.
  var promptTokens: Int
  /// The text of the last message of the user, or of the last message if none is the user's.
  var text: String
  /// How many choices.
  var count: Int
  var stops: [String]
  var maxTokens: Int?
  /// How many alternatives each token's log probability comes with; nil for no log probabilities.
  var topLogprobs: Int?
  /// The function to call in place of an answer in words.
  var function: OfferedFunction?
  /// The schema that the answer must satisfy, if it must be JSON.
  var schema: JSONTree?
  /// Whether it wants `json_object`: JSON of any shape.
  var wantsObject: Bool
  var wantsReasoning: Bool
  var streams: Bool
  var includesUsage: Bool

  /// Reads a body; throws what the API would answer to one that lacks what it needs.
  init(_ root: JSONValue) throws(APIFault) {
    guard root.kind == .object else {
      throw APIFault("the body must be an object, not \(root.kind.name)")
    }
    guard let model = root["model"]?.string, !model.isEmpty else {
      throw APIFault("model is missing: name one, such as sandbox/echo", param: "model")
    }
    let messages = (root["messages"]?.elements).map { $0.map(JSONTree.init) } ?? []
    guard let last = messages.last else {
      throw APIFault("messages must be an array of at least one message", param: "messages")
    }
    self.model = model
    behaviour = try Behaviour(model: model)
    fingerprint = Self.fingerprint(of: root)
    promptTokens = ((root["messages"]?.raw.count ?? 0) + 3) / 4
    let users = messages.last { $0["role"]?.string == "user" }
    text = Self.text(of: users ?? last)
    count = try Self.whole(root, "n", in: 1...128) ?? 1
    stops = Self.stops(root["stop"])
    let limits = [
      try Self.whole(root, "max_tokens", in: 1...Int.max),
      try Self.whole(root, "max_completion_tokens", in: 1...Int.max),
    ]
    maxTokens = limits.compactMap(\.self).min()
    let top = try Self.whole(root, "top_logprobs", in: 0...20) ?? 0
    topLogprobs = root["logprobs"]?.bool == true ? top : nil
    function = OfferedFunction(
      root, endsWithUser: last["role"]?.string == "user")
    (schema, wantsObject) = Self.format(root["response_format"])
    wantsReasoning = ["separate_reasoning", "enable_thinking"].contains { name in
      root.members.contains { $0.name.string == name && $0.value.bool == true }
    }
    streams = root["stream"]?.bool == true
    includesUsage = root["stream_options"]?["include_usage"]?.bool == true
    guard size <= Self.largestAnswer else {
      throw APIFault("the answer would be too large for the sandbox: ask for less of it")
    }
  }

  /// About how many bytes of JSON the answer is, at the most: a chunk or a log probability around
  /// each token is many times as long as the token.
  private var size: Int {
    if case .huge(let bytes) = behaviour.kind { return bytes * count }
    let around = topLogprobs.map { 64 * ($0 + 1) } ?? (streams ? 128 : 1)
    return text.utf8.count * count * around
  }

  /// What fits into memory several times (1 GiB).
  private static let largestAnswer = 1 << 30

  /// The hash of the canonical body, without what only says how the answer is sent.
  private static func fingerprint(of root: JSONValue) -> UInt64 {
    var bytes: [UInt8] = []
    CanonicalJSON.withMembers(
      of: root, where: { name, _ in !name.isString("stream") && !name.isString("stream_options") }
    ) { CanonicalJSON.append(members: $0, keepingOrder: { _ in false }, to: &bytes) }
    return Fingerprint.of(bytes)
  }

  /// A message's text; the texts of several parts follow each other without anything between.
  private static func text(of message: JSONTree) -> String {
    guard let content = message["content"] else { return "" }
    let parts = content.array ?? [content]
    return parts.map { $0.string ?? $0["text"]?.string ?? "" }.joined()
  }

  private static func whole(
    _ root: JSONValue, _ name: StaticString, in range: ClosedRange<Int>
  ) throws(APIFault) -> Int? {
    guard let value = root[name], !value.isNull else { return nil }
    if let number = value.int, range.contains(number) { return number }
    let bound = range.upperBound == .max ? "" : " to \(range.upperBound)"
    throw APIFault(
      "\(name) must be a whole number from \(range.lowerBound)\(bound)", param: "\(name)")
  }

  private static func stops(_ value: JSONValue?) -> [String] {
    guard let value else { return [] }
    return value.string.map { [$0] } ?? value.elements.compactMap(\.string)
  }

  private static func format(_ value: JSONValue?) -> (schema: JSONTree?, wantsObject: Bool) {
    if value?["type"]?.isString("json_object") == true { return (nil, true) }
    guard let value, value["type"]?.isString("json_schema") == true else { return (nil, false) }
    return (value["json_schema"]?["schema"].map(JSONTree.init) ?? .object([]), false)
  }
}
