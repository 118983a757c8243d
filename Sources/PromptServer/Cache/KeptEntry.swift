package import JSON
package import PromptCore
import PromptProtocol
package import SQLiteStore

/// A kept entry as JSON: what `cache.entry` shows, and what `cache.import` takes.
package enum KeptEntry {
  /// Why an entry cannot be taken in.
  package struct Refusal: Error {
    package var reason: String
  }

  /// An entry from the disk; with `whole` its request and answer too.
  package static func json(_ entry: AnswerPage.Entry, whole: Bool) -> [UInt8] {
    let answer = entry.answer
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("key", answer.key.hex)
      writer.member("variant", answer.variant.hex)
      writer.member("model", answer.model)
      writer.member("origin", answer.origin)
      writer.member("client", answer.client)
      writer.member("created", answer.created)
      writer.member("expires", answer.expires)
      writer.member("upstream_ms", answer.took)
      writer.member("cost", answer.cost)
      writer.member("prompt_tokens", answer.promptTokens)
      writer.member("completion_tokens", answer.completionTokens)
      writer.member("bytes", entry.bytes)
      guard whole else { return }
      writer.name("request")
      writer.raw(answer.request ?? Array("null".utf8))
      writer.name("answer")
      writer.raw(answer.answer)
      if let boundaries = answer.boundaries {
        writer.name("boundaries")
        writer.raw(boundaries)
      }
    }
    return writer.bytes
  }

  /// Whether a canonical request can be read again inside an entry that is shown: canonical numbers
  /// may have more digits than the parser takes, and it goes only so deep.
  package static func canBeShown(_ request: [UInt8]) -> Bool {
    if isPlain(request) { return true }
    do {
      let levels = [UInt8](repeating: UInt8(ascii: "["), count: levelsAround)
      let ends = [UInt8](repeating: UInt8(ascii: "]"), count: levelsAround)
      return try JSONParser().withDocument(of: levels + request + ends) { _ in true }
    } catch {
      return false
    }
  }

  /// Whether it is certain without parsing that what was written as canonical JSON can be read: no
  /// number has many digits, nor do so many things begin that they could stand deep in each other.
  private static func isPlain(_ request: [UInt8]) -> Bool {
    var (digits, openings) = (0, 0)
    for byte in request {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digits += 1
        if digits > 18 { return false }
        continue
      }
      digits = 0
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { openings += 1 }
    }
    return openings <= 64
  }

  /// More than a message puts around an entry.
  private static let levelsAround = 16

  /// Whether an entry belongs under its keys, as far as its request is kept.
  package static func isRight(_ answer: StoredAnswer) -> Bool {
    guard let request = answer.request else { return true }
    // What is shown goes into a line.
    guard !request.contains(UInt8(ascii: "\n")) else { return false }
    do {
      return try JSONParser().withDocument(of: request) { root in
        KeyMaker.keys(ofKept: root)?.keys == CacheKeys(key: answer.key, variant: answer.variant)
      }
    } catch {
      return false
    }
  }

  /// Reads an entry that was exported. Key and variant come from its request, and nothing that could
  /// not have been stored is taken.
  package static func read(_ entry: JSONValue, policy: CachePolicy) throws(Refusal) -> StoredAnswer
  {
    guard let request = entry["request"], let kept = KeyMaker.keys(ofKept: request) else {
      throw Refusal(
        reason: "request must be an object of key and variant, as cache.export writes it")
    }
    guard let answer = entry["answer"], answer.kind == .object else {
      throw Refusal(reason: "answer must be a completion")
    }
    if let error = answer["error"], !error.isNull { throw Refusal(reason: "answer is an error") }
    if !policy.keepSandbox, policy.mode != .replay,
      answer["system_fingerprint"]?.isString("sandbox") == true
    {
      throw Refusal(reason: "the sandbox made the answer up; see cache.keep_sandbox")
    }
    if let refusal = StorageRule(request["variant"] ?? request).refusal(answer) {
      throw Refusal(reason: "the answer may not be kept: \(refusal.rawValue)")
    }
    let bytes = CompactJSON.completion(answer)
    guard bytes.count <= policy.maxEntry else {
      throw Refusal(reason: "the answer may not be kept: \(NotStored.tooLarge.rawValue)")
    }
    let boundaries = entry["boundaries"].map { Array($0.raw) }
    guard entry["boundaries"].map({ $0.kind == .array }) ?? true,
      boundaries.map({ ChunkBoundaries(encoded: $0) != nil }) ?? true
    else {
      throw Refusal(reason: "boundaries must be as cache.export writes them")
    }
    guard let origin = entry["origin"]?.string, let created = entry["created"]?.int, created >= 0,
      let expires = entry["expires"]?.int
    else { throw Refusal(reason: "origin, created and expires are needed") }
    let usage = answer["usage"]
    return StoredAnswer(
      key: kept.keys.key, variant: kept.keys.variant, origin: origin,
      model: request["key"]?["model"]?.string ?? "", client: entry["client"]?.string ?? "",
      created: Int64(created), expires: Int64(expires), answer: bytes, boundaries: boundaries,
      request: kept.canonical, promptTokens: count(usage?["prompt_tokens"]),
      completionTokens: count(usage?["completion_tokens"]), took: count(entry["upstream_ms"]),
      cost: entry["cost"]?.double.map { max(0, min($0, 1e9)) } ?? 0)
  }

  private static func count(_ value: JSONValue?) -> Int { min(max(0, value?.int ?? 0), 1 << 40) }
}
