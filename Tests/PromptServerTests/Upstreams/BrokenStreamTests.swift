import PromptProtocol
import TestSupport
import Testing

/// Streams that are not what they should be, in all three dialects.
@Suite(.timeLimit(.minutes(5))) struct BrokenStreamTests {
  private static let chunk = Answers.chunk("so far")
  private static let interrupted = Fault.Ending.interrupted(after: "so far")

  private static func error(_ code: String?) -> String {
    #"{"error":{"message":"no","type":"refused"\#(code.map { #","code":\#($0)"# } ?? "")}}"#
  }

  /// Streams that end before any text; promptd may still ask again.
  private static let unbegun = [
    Fault(
      "an error of a status that passes",
      [.send(Answers.stream(error("503"), "[DONE]"))], strange(attempts: 4)),
    Fault(
      "an error of a status that passes, in letters",
      [.send(Answers.stream(error(#""429""#), "[DONE]"))], strange(attempts: 4)),
    Fault(
      "an error of a status that lasts",
      [.send(Answers.stream(error("400"), "[DONE]"))], strange(attempts: 1)),
    Fault(
      "an error without a code",
      [.send(Answers.stream(error(nil), "[DONE]"))], strange(attempts: 1)),
    Fault(
      "an error with a code of its own",
      [.send(Answers.stream(error(#""overloaded""#), "[DONE]"))], strange(attempts: 1)),
    Fault("a chunk that is no JSON", [.send(Answers.stream("{nonsense"))], strange(attempts: 1)),
    Fault("a chunk without choices", [.send(Answers.stream("{}"))], strange(attempts: 1)),
    Fault("no event at all", [.send(Answers.stream())], strange(attempts: 1)),
    Fault("nothing but the end", [.send(Answers.stream("[DONE]"))], strange(attempts: 1)),
    Fault(
      "an end of the connection before any event", [.send(Answers.streamHead), .close],
      .told(.streamInterrupted, http: 502, attempts: 4)),
    Fault(
      "gzip that is corrupt",
      [
        .send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
            + "Content-Length: 9\r\n\r\nnot gzip!")
      ], .told(.streamInterrupted, http: 502, attempts: 4)),
    Fault(
      "an event over max_response",
      [.send(Answers.stream(Answers.chunk(String(repeating: "x", count: 64 << 10))))],
      .told(.tooLarge, http: 413, attempts: 1), settings: #"max_response = "1KiB""#),
  ]

  private static func strange(attempts: Int) -> Fault.Ending {
    .told(.upstreamError, http: 502, upstream: 200, attempts: attempts)
  }

  @Test(arguments: unbegun)
  func aStreamThatBringsNoTextIsAnErrorWithItsStatus(_ fault: Fault) async throws {
    try await fault.expectTold(streams: true)
  }

  /// Streams of which text has come.
  private static let begun = [
    Fault("no [DONE]", [.send(Answers.stream(chunk))], interrupted),
    Fault(
      "no [DONE], though the choice is finished",
      [.send(Answers.stream(chunk, Answers.chunk("", finish: #""stop""#)))], interrupted),
    Fault("an error", [.send(Answers.stream(chunk, error("503"), "[DONE]"))], interrupted),
    Fault(
      "an error after the choice is finished",
      [.send(Answers.stream(chunk, Answers.chunk("", finish: #""stop""#), error("503"), "[DONE]"))],
      interrupted),
    Fault(
      "a chunk that is no JSON", [.send(Answers.stream(chunk, "{nonsense", "[DONE]"))],
      interrupted),
    Fault("a chunk without choices", [.send(Answers.stream(chunk, "{}", "[DONE]"))], interrupted),
    Fault("the end of the connection", [.send(Answers.begun(chunk)), .close], interrupted),
    Fault(
      "the end of the connection within an event",
      [.send(Answers.begun(chunk) + "40\r\ndata: {\"id\""), .close], interrupted),
    Fault("a reset", [.send(Answers.begun(chunk)), .reset], interrupted, overTCP: true),
    Fault(
      "more than max_response",
      [
        .send(Answers.begun(chunk)),
        .send(Answers.event(Answers.chunk(String(repeating: "x", count: 4 << 10)))),
      ], interrupted, settings: #"max_response = "1KiB""#),
  ]

  @Test(arguments: begun)
  func aStreamThatDiesKeepsWhatCameAndIsNotTriedAgain(_ fault: Fault) async throws {
    try await fault.expectTold(streams: true)
  }
}
