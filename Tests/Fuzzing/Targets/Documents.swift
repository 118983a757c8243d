import JSON
import PromptClient
import PromptCore
import PromptProtocol
import PromptServer
import SQLiteStore

/// The input itself, or behind a byte of 0x80 and more a document of this shape that it decides upon.
private func document(_ input: [UInt8], _ shape: Shape) -> [UInt8] {
  guard let first = input.first else { return [] }
  if first < 0x80 { return Array(input.dropFirst()) }
  var recipe = Recipe(input.dropFirst())
  var output: [UInt8] = []
  shape.write(&recipe, to: &output)
  return output
}

/// Lends the document, unless it is refused, which is right for whatever is no JSON.
private func read(
  _ bytes: [UInt8], _ body: (JSONValue) throws -> Void
) throws(Broken) {
  do {
    try Parsers.withDocument(of: bytes, body)
  } catch let broken as Broken {
    throw broken
  } catch {}
}

/// Whatever is taken can be read again from its canonical form, which is its own.
func fuzzCanonical(_ input: [UInt8]) throws(Broken) {
  let bytes = document(input, .any)
  try read(bytes) { root in
    var form: [UInt8] = []
    CanonicalJSON.append(root, to: &form)
    let tree = JSONTree(root)
    // Canonical integers may have more digits than the parser takes, and are not read again.
    guard let again = try? JSONTree(parsing: form) else {
      return try mustHold(Shape.hasLongNumber(tree), "the canonical form cannot be read")
    }
    var second: [UInt8] = []
    try Parsers.withDocument(of: form) { CanonicalJSON.append($0, to: &second) }
    try mustHold(form == second, "the canonical form of a canonical form is another")
    try mustHold(JSONTree(parsing: Array(tree.text.utf8)) == tree, "a tree is read as another")
    _ = again
  }
}

extension Shape {
  /// Whether a number of it is one that canonical JSON writes with many digits.
  fileprivate static func hasLongNumber(_ tree: JSONTree) -> Bool {
    switch tree {
    case .number(let text): (Double(text) ?? 0).magnitude >= 1e15
    case .array(let elements): elements.contains(where: hasLongNumber)
    case .object(let members): members.contains { hasLongNumber($0.value) }
    case .null, .bool, .string: false
    }
  }
}

/// A body that is taken has a key, and the same one without `promptd`; a fault has words.
func fuzzBody(_ input: [UInt8]) throws(Broken) {
  let bytes = document(input, .body)
  let rules = [
    ChatBody.Rules(), ChatBody.Rules(validate: false), ChatBody.Rules(validate: true, strict: true),
  ]
  for rule in rules {
    try read(bytes) { root in
      let keys: CacheKeys
      do throws(WireError) {
        keys = try key(of: root, rule)
        _ = StorageRule(root)
      } catch {
        return try mustHold(!error.message.isEmpty, "an error says nothing")
      }
      let spliced = JSONSplice.edit(root, removing: { $0.isString("promptd") }, adding: [])
      try Parsers.withDocument(of: spliced) { root in
        try mustHold(key(of: root, rule) == keys, "promptd is part of the key")
      }
    }
  }
}

private func key(of root: JSONValue, _ rules: ChatBody.Rules) throws(WireError) -> CacheKeys {
  var maker = KeyMaker()
  return try maker.keys(for: ChatBody(root, rules: rules))
}

/// What a line of a batch asks for can be submitted.
func fuzzBatch(_ input: [UInt8]) throws(Broken) {
  let request: BatchRequest
  do {
    request = try BatchRequest(line: document(input, .batchLine), number: 1)
  } catch {
    return
  }
  try mustHold(!request.customID.isEmpty, "a request has no name")
  do {
    try Parsers.withDocument(of: request.job(key: "key")) { root in
      let key = root["promptd"]?["idempotency_key"]?.string
      try mustHold(key == "key" && root["messages"] != nil, "a job has lost something")
    }
  } catch let broken as Broken {
    throw broken
  } catch {
    throw Broken("a job is no JSON: \(error)")
  }
}

/// An entry that is taken in is right, and is taken in again as it is shown.
func fuzzCassette(_ input: [UInt8]) throws(Broken) {
  for policy in [CachePolicy(), CachePolicy.replaying] {
    try read(document(input, .entry)) { root in
      guard let answer = try? KeptEntry.read(root, policy: policy) else { return }
      try mustHold(KeptEntry.isRight(answer), "an entry is not under its keys")
      let shown = KeptEntry.json(.init(answer: answer, bytes: 1), whole: true)
      guard KeptEntry.canBeShown(answer.request ?? []) else { return }
      try Parsers.withDocument(of: shown) { root in
        let again = try KeptEntry.read(root, policy: policy)
        try mustHold(again == answer, "what is shown is not what was taken in")
      }
    }
  }
}

extension CachePolicy {
  fileprivate static var replaying: CachePolicy {
    var policy = CachePolicy()
    policy.mode = .replay
    return policy
  }
}
