import Crypto
import JSON
import PromptClient
import PromptProtocol

/// Sends the requests of a batch as jobs, so many at a time, and hands on what comes of them.
///
/// A job is known again by the batch and its body: run again after a kill, the same command finds the
/// jobs that are under way or done, and requests with one body are asked once.
struct BatchRun {
  let client: SteadyClient
  let batch: String
  /// Jobs under way, at most.
  let width: Int

  /// A job that failed in an earlier run is submitted anew, as the so-manieth of its key.
  private static let mostAttempts = 1000

  /// Sends what is not in `finished`; `take` gets each result as it comes.
  func run(
    _ file: BatchFile, finished: Set<String>, _ take: (BatchResult) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: BatchResult.self) { group in
      defer { group.cancelAll() }
      var lines = try BatchFile.Lines(file.path)
      var underWay = 0
      while let (_, request) = try lines.next() {
        let request = try request.get()
        if finished.contains(request.customID) { continue }
        if underWay == width, let result = try await group.next() {
          underWay -= 1
          try take(result)
        }
        group.addTask { try await self.result(of: request) }
        underWay += 1
      }
      while let result = try await group.next() { try take(result) }
    }
  }

  private func result(of request: BatchRequest) async throws -> BatchResult {
    do {
      var writer = JSONWriter()
      let name = try await submit(request)
      writer.object { $0.member("job", name) }
      return BatchResult(
        customID: request.customID, job: try await client.report(.jobWait, writer.bytes))
    } catch ClientError.refused(let error) {
      return BatchResult(customID: request.customID, job: Self.refusal(error))
    }
  }

  /// The name of the job of a request.
  private func submit(_ request: BatchRequest) async throws -> String {
    let digest = SHA256.hash(data: request.body).prefix(16)
      .map { byte in String(256 + Int(byte), radix: 16).dropFirst() }.joined()
    for attempt in 1...Self.mostAttempts {
      let body = request.job(key: "batch-\(batch)-\(digest)-\(attempt)")
      let accepted = try await client.report(.jobSubmit, body)
      let state = accepted["state"]?.string
      if state != JobState.failed.rawValue, state != JobState.cancelled.rawValue {
        return accepted["job"]?.string ?? ""
      }
    }
    throw Ending(code: 69, message: "\(request.customID) fails again and again")
  }

  private static func refusal(_ error: DaemonError) -> JSONTree {
    .object([
      .init("state", .string(JobState.failed.rawValue)),
      .init(
        "error",
        .object([
          .init(
            "error",
            .object([
              .init("message", .string(error.message)), .init("type", .string(error.type)),
              .init("param", error.param.map(JSONTree.string) ?? .null),
            ]))
        ])),
    ])
  }
}
