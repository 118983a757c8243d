import PromptProtocol
import TestSupport
import Testing

/// Statuses with which an upstream refuses: those that pass are tried again, the others are told.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
  private static let passing = [
    "408 Request Timeout", "425 Too Early", "429 Too Many Requests", "500 Internal Server Error",
    "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout",
  ]

  private static let lasting = [
    "400 Bad Request", "401 Unauthorized", "402 Payment Required", "403 Forbidden",
    "404 Not Found", "413 Content Too Large", "422 Unprocessable Content", "501 Not Implemented",
  ]

  @Test(arguments: passing, [false, true])
  func aStatusThatPassesIsToldAfterFourTries(_ status: String, _ streams: Bool) async throws {
    try await fault(status, attempts: 4).expectTold(streams: streams)
  }

  @Test(arguments: lasting, [false, true])
  func aStatusThatLastsIsToldAtOnce(_ status: String, _ streams: Bool) async throws {
    try await fault(status, attempts: 1).expectTold(streams: streams)
  }

  @Test(arguments: [false, true])
  func pausesOfTheUpstreamAddNoTries(_ streams: Bool) async throws {
    let steps = Answers.refusal("429 Too Many Requests", headers: ["retry-after-ms: 5"])
    try await Fault(
      "pauses", [.send(steps)],
      .told(.upstreamError, http: 429, upstream: 429, attempts: 4)
    ).expectTold(streams: streams)
  }

  private func fault(_ status: String, attempts: Int) throws -> Fault {
    let number = try #require(Int(status.prefix(3)))
    return Fault(
      status, [.send(Answers.refusal(status))],
      .told(.upstreamError, http: number, upstream: number, attempts: attempts))
  }
}
