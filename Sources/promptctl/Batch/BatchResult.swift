import JSON
import PromptProtocol

/// What came of one request of a batch.
struct BatchResult: Equatable, Sendable {
  var customID: String
  /// Of its body.
  var digest: String
  /// The job that was done, as `job.wait` tells it; or the error that it was refused with.
  var job: JSONTree
  /// Another line of the same body has the job too, and counts for what it cost.
  var isCopy = false
  /// The job was done before this run asked for it, and paid for then.
  var wasDone = false

  var isDone: Bool { job["state"]?.string == JobState.done.rawValue }

  /// Whether the cache answered.
  var isHit: Bool { !isCopy && job["result"]?["promptd"]?["cache"]?.string == "hit" }

  private var billed: JSONTree? { isCopy || wasDone ? nil : job["result"]?["promptd"]?["billed"] }

  /// What it cost; nil for a model without a price.
  var cost: Double? { billed?["cost"]?.double }

  /// Tokens that were billed.
  var tokens: Int {
    let counts = ["prompt_tokens", "completion_tokens"].map { billed?[$0]?.int ?? 0 }
    return counts.reduce(0) { $0 + min(max(0, $1), 1 << 40) }
  }

  /// A line of the output or of the error file, as OpenAI's Batch API writes them. The id holds the
  /// digest of the body, by which a later run sees that it is still the same.
  var line: String {
    let reply = job["result"] ?? job["error"]
    let info = reply?["promptd"]
    // An upstream that refused has said why.
    let body =
      info?["body"]
      ?? JSONTree.object(
        (reply?.members ?? []).filter { $0.name != "promptd" })
    let request = info?["request"]?.string ?? ""
    let type = reply?["error"]?["type"]?.string
    let status = isDone ? 200 : info?["status"]?.int ?? Self.status(of: type)
    // What was called has a response, of whatever kind; the rest has an error alone.
    let wasCalled = !request.isEmpty
    let response = JSONTree.object([
      .init("status_code", .number(String(status))), .init("request_id", .string(request)),
      .init("body", body),
    ])
    let error = JSONTree.object([
      .init("code", .string(type ?? "internal_error")),
      .init("message", .string(reply?["error"]?["message"]?.string ?? "the job failed")),
    ])
    return JSONTree.object([
      .init("id", .string("batch_req_\(digest)")),
      .init("custom_id", .string(customID)), .init("response", wasCalled ? response : .null),
      .init("error", wasCalled ? .null : error),
    ]).text
  }

  /// What a line says that an earlier run has written.
  struct Written {
    var customID: String
    var digest: String?
    var isAnswer: Bool
  }

  /// Reads a line of the output or of the error file; nil where it is none.
  static func written(_ line: [UInt8]) throws -> Written? {
    try JSONParser().withDocument(of: line) { root in
      guard let customID = root["custom_id"]?.string, root["response"] != nil else { return nil }
      let id = root["id"]?.string ?? ""
      let digest = id.wholeMatch(of: /batch_req_([0-9a-f]{32})/).map { String($0.1) }
      return Written(
        customID: customID, digest: digest,
        isAnswer: root["response"]?["status_code"]?.int == 200)
    }
  }

  private static func status(of type: String?) -> Int {
    type.flatMap(ErrorName.init(rawValue:))?.httpStatus ?? 500
  }
}
