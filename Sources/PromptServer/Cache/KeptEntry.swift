import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

/// A kept entry as JSON: what `cache.entry` shows, and what `cache.import` takes.
enum KeptEntry {
  /// Why an entry cannot be taken in.
  struct Refusal: Error {
    var reason: String
  }

  /// An entry from the disk; with `whole` its request and answer too.
  static func json(_ entry: AnswerPage.Entry, whole: Bool) -> [UInt8] {
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

  /// Reads an entry that was exported. Key and variant come from its request, and nothing that could
  /// not have been stored is taken.
  static func read(_ entry: JSONValue, limit: Int) throws(Refusal) -> StoredAnswer {
    guard let request = entry["request"], let kept = KeyMaker.keys(ofKept: request) else {
      throw Refusal(
        reason: "request must be an object of key and variant, as cache.export writes it")
    }
    guard let answer = entry["answer"], answer.kind == .object else {
      throw Refusal(reason: "answer must be a completion")
    }
    if let refusal = StorageRule(request["variant"] ?? request).refusal(answer) {
      throw Refusal(reason: "the answer may not be kept: \(refusal.rawValue)")
    }
    let bytes = CompactJSON.bytes(answer)
    guard bytes.count <= limit else {
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
