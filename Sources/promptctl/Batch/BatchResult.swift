import JSON
import PromptProtocol

/// What came of one request of a batch.
struct BatchResult: Equatable, Sendable {
  var customID: String
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

  /// A line of the output or of the error file, as OpenAI's Batch API writes them.
  var line: String {
    let name = job["job"]?.string ?? ""
    let reply = job["result"] ?? job["error"]
    let body = JSONTree.object(
      (reply?.members ?? []).filter { $0.name != "promptd" })
    let request = reply?["promptd"]?["request"]?.string ?? ""
    let type = reply?["error"]?["type"]?.string
    let status = isDone ? 200 : reply?["promptd"]?["status"]?.int ?? Self.status(of: type)
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
      .init("id", .string("batch_req_\(name.isEmpty ? customID : name)")),
      .init("custom_id", .string(customID)), .init("response", wasCalled ? response : .null),
      .init("error", wasCalled ? .null : error),
    ]).text
  }

  private static func status(of type: String?) -> Int {
    type.flatMap(ErrorName.init(rawValue:))?.httpStatus ?? 500
  }
}
