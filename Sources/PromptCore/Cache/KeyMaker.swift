import Crypto
package import JSON
package import PromptProtocol

/// Works out the keys of a body. It keeps its buffers between calls: one belongs to one thread.
package struct KeyMaker: ~Copyable {
  /// The canonical JSON that the last key was made of.
  package private(set) var canonicalKey: [UInt8] = []
  /// The canonical JSON that the last variant was made of.
  package private(set) var canonicalVariant: [UInt8] = []

  /// Buffers above this size are given back after use.
  private static let keptBytes = 1 << 20

  /// Bytes of what stands beside the messages in a key, about.
  private static let besides = 1024

  private let vary: VaryRule

  package init(vary: VaryRule = .everything) { self.vary = vary }

  /// Members that never shape an answer, or stand in the key already.
  private static let outside: [StaticString] = [
    "messages", "model", "seed", "stream", "stream_options", "promptd",
  ]

  /// Members that change the shape of an answer and so count whatever `cache.vary` says.
  private static let shaping: [StaticString] = [
    "n", "tools", "tool_choice", "response_format", "logprobs", "top_logprobs", "max_tokens",
    "max_completion_tokens",
  ]

  /// Members inside which a model sees the order.
  private static let ordered: [StaticString] = ["tools", "response_format"]

  /// The keys of `body`; a private client gives its namespace. Throws `invalid_params` for a seed
  /// that is no exact integer.
  package mutating func keys(
    for body: ChatBody, namespace: String? = nil
  ) throws(WireError) -> CacheKeys {
    trim()
    try writeKey(body, namespace)
    writeVariant(body)
    return CacheKeys(key: Self.digest(canonicalKey), variant: Self.digest(canonicalVariant))
  }

  private mutating func trim() {
    if canonicalKey.capacity > Self.keptBytes { canonicalKey = [] }
    if canonicalVariant.capacity > Self.keptBytes { canonicalVariant = [] }
    canonicalKey.removeAll(keepingCapacity: true)
    canonicalVariant.removeAll(keepingCapacity: true)
  }

  private mutating func writeKey(_ body: ChatBody, _ namespace: String?) throws(WireError) {
    // A large text is copied once: an array that is full when it has it would copy it again.
    canonicalKey.reserveCapacity(body.messages.raw.count + Self.besides)
    canonicalKey.append(contentsOf: #"{"messages":"#.utf8)
    CanonicalJSON.append(body.messages, to: &canonicalKey)
    canonicalKey.append(contentsOf: #","model":"#.utf8)
    CanonicalJSON.append(body.model, to: &canonicalKey)
    if let namespace {
      var writer = JSONWriter()
      writer.string(namespace)
      canonicalKey.append(contentsOf: #","namespace":"#.utf8)
      canonicalKey.append(contentsOf: writer.bytes)
    }
    canonicalKey.append(contentsOf: #","seed":"#.utf8)
    if let seed = body.seed {
      // 2^53 is where doubles stop being exact: two seeds must never become one.
      guard seed.kind == .integer || seed.int != nil else {
        throw WireError(
          .invalidParams,
          "seed must be an integer; written with a point or an exponent, a whole one below 2^53",
          param: "seed")
      }
      CanonicalJSON.append(seed, to: &canonicalKey)
    } else {
      canonicalKey.append(contentsOf: "null".utf8)
    }
    canonicalKey.append(UInt8(ascii: "}"))
  }

  private mutating func writeVariant(_ body: ChatBody) {
    let vary = vary
    let isEmpty = CanonicalJSON.withMembers(
      of: body.root, where: { Self.counts($0, $1, under: vary) }
    ) { members in
      CanonicalJSON.append(
        members: members, keepingOrder: { name in Self.ordered.contains(where: name.isString) },
        to: &canonicalVariant)
      return members.isEmpty
    }
    guard case .members(let names) = vary else { return }
    // A loose answer must never be found by a strict question: the rule is part of the variant, under
    // the one name that no other member of it has.
    var writer = JSONWriter()
    writer.object { writer in
      writer.name("vary")
      writer.array { for name in names.sorted() { $0.string(name) } }
    }
    Self.append(rule: writer.bytes, isEmpty: isEmpty, to: &canonicalVariant)
  }

  /// Appends the rule to an object, as its last member.
  private static func append(rule: [UInt8], isEmpty: Bool, to variant: inout [UInt8]) {
    variant.removeLast()
    variant.append(contentsOf: (isEmpty ? #""promptd":"# : #","promptd":"#).utf8)
    variant.append(contentsOf: rule)
    variant.append(UInt8(ascii: "}"))
  }

  private static func counts(
    _ name: JSONValue, _ value: JSONValue, under vary: VaryRule
  ) -> Bool {
    if value.isNull || outside.contains(where: name.isString) { return false }
    if name.isString("n"), value.int == 1 { return false }
    guard case .members(let names) = vary else { return true }
    if shaping.contains(where: name.isString) { return true }
    return name.string.map(names.contains) == true
  }

  /// The keys that a kept request gives, and the request in its canonical form: an object of the two
  /// canonical forms, `key` and `variant`. Nil when it is no such object.
  package static func keys(
    ofKept request: JSONValue
  ) -> (keys: CacheKeys, canonical: [UInt8])? {
    guard let key = request["key"], let variant = request["variant"], variant.kind == .object,
      key["messages"]?.kind == .array, key["model"]?.kind == .string, key["seed"] != nil
    else { return nil }
    var (canonicalKey, canonicalVariant): ([UInt8], [UInt8]) = ([], [])
    CanonicalJSON.append(key, to: &canonicalKey)
    let isEmpty = CanonicalJSON.withMembers(
      of: variant, where: { counts($0, $1, under: .everything) }
    ) { members in
      CanonicalJSON.append(
        members: members, keepingOrder: { name in ordered.contains(where: name.isString) },
        to: &canonicalVariant)
      return members.isEmpty
    }
    if let rule = variant["promptd"] {
      var bytes: [UInt8] = []
      CanonicalJSON.append(rule, to: &bytes)
      append(rule: bytes, isEmpty: isEmpty, to: &canonicalVariant)
    }
    let keys = CacheKeys(key: digest(canonicalKey), variant: digest(canonicalVariant))
    return (keys, kept(key: canonicalKey, variant: canonicalVariant))
  }

  /// Both canonical forms as one object, from which key and variant can be worked out again.
  package static func kept(key: [UInt8], variant: [UInt8]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.name("key")
      $0.raw(key)
      $0.name("variant")
      $0.raw(variant)
    }
    return writer.bytes
  }

  private static func digest(_ bytes: [UInt8]) -> PromptProtocol.Digest {
    SHA256.hash(data: bytes).withUnsafeBytes { words in
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: words.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
      }
      return PromptProtocol.Digest(words: (word(0), word(1), word(2), word(3)))
    }
  }
}
