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
    _ file: BatchFile, finished: [String: String?], _ take: (BatchResult) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Asked.self) { group in
      defer { group.cancelAll() }
      var lines = try BatchFile.Lines(file.path)
      var copies = BatchCopies()
      func finish(_ asked: Asked) throws {
        try take(asked.result)
        for name in copies.ended(asked.digest, attempt: asked.attempt) {
          try take(
            BatchResult(
              customID: name, digest: "\(asked.digest)", job: asked.result.job, isCopy: true))
        }
      }
      var underWay = 0
      while let (_, request) = try lines.next() {
        guard case .success(let request) = request else {
          throw Ending(code: 65, message: "\(file.path) has changed since it was checked")
        }
        if finished[request.customID] != nil { continue }
        let digest = BodyDigest(request.body)
        guard let attempt = copies.began(digest, request.customID) else { continue }
        if underWay == width, let asked = try await group.next() {
          underWay -= 1
          try finish(asked)
        }
        group.addTask { try await self.ask(request, digest, attempt) }
        underWay += 1
      }
      while let asked = try await group.next() { try finish(asked) }
    }
  }

  /// A request that has its result.
  private struct Asked: Sendable {
    var result: BatchResult
    var digest: BodyDigest
    /// As which of its body's jobs it was asked; nil where it was refused.
    var attempt: Int?
  }

  private func ask(
    _ request: BatchRequest, _ digest: BodyDigest, _ attempt: BatchCopies.Attempt
  ) async throws -> Asked {
    do {
      let (name, number, wasDone) = try await submit(request, digest, attempt)
      var writer = JSONWriter()
      writer.object { $0.member("job", name) }
      let job = try await client.report(.jobWait, writer.bytes)
      return Asked(
        result: BatchResult(
          customID: request.customID, digest: "\(digest)", job: job,
          isCopy: attempt != .first, wasDone: wasDone),
        digest: digest, attempt: number)
    } catch ClientError.refused(let error) where error.name != .storeUnavailable {
      return Asked(
        result: BatchResult(
          customID: request.customID, digest: "\(digest)", job: Self.refusal(error)),
        digest: digest, attempt: nil)
    }
  }

  /// The name of the job of a request, and which of its body's jobs it is: the first that has not failed
  /// in an earlier run, or the one that was asked in this.
  private func submit(
    _ request: BatchRequest, _ digest: BodyDigest, _ attempt: BatchCopies.Attempt
  ) async throws -> (name: String, number: Int, wasDone: Bool) {
    let numbers =
      switch attempt {
      case .first: 1...Self.mostAttempts
      case .again(let number): number...number
      }
    for number in numbers {
      let body = request.job(key: "batch-\(batch)-\(digest)-\(number)")
      let accepted = try await client.report(.jobSubmit, body)
      let state = accepted["state"]?.string
      let hasFailed = state == JobState.failed.rawValue || state == JobState.cancelled.rawValue
      if attempt != .first || !hasFailed {
        return (accepted["job"]?.string ?? "", number, state == JobState.done.rawValue)
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
