import PromptProtocol
import TestSupport
import Testing

/// Responses with the status 200 that are no answer, to whole questions and to streamed ones alike.
@Suite(.timeLimit(.minutes(5))) struct BrokenAnswerTests {
  /// Whole responses that say something else; asking again would bring the same.
  private static let strange = [
    Fault(
      "HTML", [.send(Answers.whole("<html>Sorry</html>", type: "text/html"))], strangeEnding),
    Fault(
      "HTML that calls itself JSON", [.send(Answers.whole("<html>Sorry</html>"))], strangeEnding),
    Fault("nothing", [.send(Answers.whole(""))], strangeEnding),
    Fault(
      "an error object",
      [.send(Answers.whole(#"{"error":{"message":"busy","code":503}}"#))], strangeEnding),
    Fault("no choices", [.send(Answers.whole(#"{"id":"c","choices":[]}"#))], strangeEnding),
    Fault("no member choices", [.send(Answers.whole(#"{"id":"c"}"#))], strangeEnding),
    Fault("choices that are none", [.send(Answers.whole(#"{"choices":[1]}"#))], strangeEnding),
    Fault(
      "an answer that is no JSON at its end",
      [.send(Answers.whole(Answers.completion("x") + "}"))], strangeEnding),
    Fault(
      "gzip that breaks off within its length, which libcurl passes on",
      [
        .send("\(head)Content-Encoding: gzip\r\nContent-Length: 14\r\n\r\n"),
        .sendBytes([0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03, 0xF3, 0x48, 0xCD, 0xC9]),
      ], strangeEnding),
  ]

  private static let strangeEnding = Fault.Ending.told(
    .upstreamError, http: 502, upstream: 200, attempts: 1)

  @Test(arguments: strange, [false, true])
  func whatIsNoCompletionIsToldAtOnce(_ fault: Fault, _ streams: Bool) async throws {
    try await fault.expectTold(streams: streams)
  }

  /// Responses that do not come whole.
  private static let broken = [
    Fault(
      "a body that is shorter than its length",
      [.send("\(head)Content-Length: 1000\r\n\r\n{\"id\":"), .close], cutEnding),
    Fault(
      "a body in chunks that breaks off",
      [.send("\(head)Transfer-Encoding: chunked\r\n\r\n4\r\n{\"id\r\n"), .close], cutEnding),
    Fault(
      "a body whose chunks are garbled",
      [.send("\(head)Transfer-Encoding: chunked\r\n\r\n4\r\n{\"id\r\nzz\r\n"), .close], cutEnding),
    Fault(
      "gzip that is corrupt",
      [.send("\(head)Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!")], cutEnding),
  ]

  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
  private static let cutEnding = Fault.Ending.told(.upstreamUnreachable, http: 502, attempts: 4)

  @Test(arguments: broken, [false, true])
  func aBodyThatIsNotWholeIsAskedForFourTimes(_ fault: Fault, _ streams: Bool) async throws {
    try await fault.expectTold(streams: streams)
  }

  /// Responses without an end in sight.
  private static let endless = [
    Fault(
      "headers of more than 256 KiB",
      [
        .send("HTTP/1.1 200 OK\r\n"),
        .send(
          String(repeating: "X-Filler: \(String(repeating: "x", count: 1000))\r\n", count: 300)),
      ], tooLargeEnding),
    Fault(
      "one header of more than 256 KiB",
      [.send("HTTP/1.1 200 OK\r\nX-Filler: \(String(repeating: "x", count: 300 << 10))")],
      tooLargeEnding),
    Fault(
      "an answer over max_response",
      [.send(Answers.whole(Answers.completion(String(repeating: "x", count: 2000))))],
      tooLargeEnding, settings: #"max_response = "1KiB""#),
    Fault(
      "a refusal over max_response",
      [.send(Answers.whole(String(repeating: "x", count: 2000), status: "400 Bad Request"))],
      .told(.upstreamError, http: 400, upstream: 400, attempts: 1),
      settings: #"max_response = "1KiB""#),
  ]

  private static let tooLargeEnding = Fault.Ending.told(.tooLarge, http: 413, attempts: 1)

  @Test(arguments: endless, [false, true])
  func whatIsTooLongIsBrokenOffAtOnce(_ fault: Fault, _ streams: Bool) async throws {
    try await fault.expectTold(streams: streams)
  }
}
