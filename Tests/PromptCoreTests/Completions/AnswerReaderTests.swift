import JSON
import PromptCore
import PromptProtocol
import Testing

/// What is made of what a call brings, good or bad.
@Suite struct AnswerReaderTests {
  private let parser = JSONParser()
  private static let good =
    #"{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"#
    + #""finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":5}}"#

  private func outcome(
    _ pieces: [String], status: Int = 200, type: String? = "application/json",
    failure: CallFault? = nil, key: APIKey? = nil
  ) throws -> AnswerOutcome {
    var reader = AnswerReader(
      .init(streams: type?.contains("event") == true, storage: try .make(), key: key))
    reader.responded(status: status, contentType: type, retryAfter: 2)
    for piece in pieces { _ = reader.received(Array(piece.utf8), parser: parser) }
    _ = reader.finish(parser: parser)
    return reader.ended(failure: failure, parser: parser)
  }

  private func error(_ outcome: AnswerOutcome) -> WireError? {
    outcome.fault?.error
  }

  private func completed(_ outcome: AnswerOutcome) -> CompletedAnswer? {
    if case .completed(let answer) = outcome { answer } else { nil }
  }

  private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

  private func body(of error: WireError?) -> String { text(error?.info.body) }

  private func partial(of error: WireError?) -> String { text(error?.info.partial) }

  private func completion(of answer: CompletedAnswer?) -> String { text(answer?.completion) }

  private func event(_ content: String, _ reason: String = "null") -> String {
    #"data: {"id":"c","choices":[{"index":0,"delta":{"content":"\#(content)"},"#
      + #""finish_reason":\#(reason)}]}"# + "\n\n"
  }

  // MARK: Whole answers

  @Test func aWholeAnswerIsKeptByteForByteHoweverItCame() throws {
    for pieces in [[Self.good], Self.good.map(String.init)] {
      let answer = completed(try outcome(pieces))
      #expect(completion(of: answer) == Self.good)
      #expect(answer?.tokens == TokenCount(prompt: 3, completion: 5))
      #expect(answer?.refusal == nil && answer?.isMadeUp == false)
    }
  }

  @Test func lineBreaksAndAnotherPromptdsWordsAreTakenOut() throws {
    let spread = Self.good.replacing(",\"usage\"", with: ",\n \"promptd\": {\"a\":1},\r\n\"usage\"")
    let answer = try #require(completed(try outcome([spread])))
    #expect(!answer.completion.contains(0x0A) && !text(answer.completion).contains("promptd"))
    #expect(try JSONTree(parsing: answer.completion) == JSONTree(parsing: Array(Self.good.utf8)))
  }

  @Test func whatTheSandboxMadeIsMarked() throws {
    let marked = Self.good.replacing("\"id\"", with: "\"system_fingerprint\":\"sandbox\",\"id\"")
    #expect(completed(try outcome([marked]))?.isMadeUp == true)
  }

  @Test(arguments: [
    "", "<html>busy</html>", "{}", #"{"choices":[1,"a"]}"#, #"{"choices":[]}"#, #"{"choices":7}"#,
    "[]", "null",
  ])
  func aGoodStatusWithoutACompletionIsAnError(_ body: String) throws {
    let error = error(try outcome([body]))
    #expect(error?.name == .upstreamError && error?.info.status == 200)
  }

  @Test func anErrorInsideA200IsAnError() throws {
    let error = error(try outcome([#"{"error":{"message":"no","code":500}}"#]))
    #expect(error?.name == .upstreamError)
    #expect(body(of: error) == #"{"message":"no","code":500}"#)
  }

  @Test func aRefusalIsPassedOnWithItsStatusAndTime() throws {
    let error = error(try outcome([#"{"error":{"message":"slow down"}}"#], status: 429))
    #expect(error?.info.status == 429 && error?.info.retryAfter == 2)
    #expect(body(of: error) == #"{"message":"slow down"}"#)
  }

  @Test func aPageOfMarkupIsShownAsItsBeginning() throws {
    let page = "<html>" + String(repeating: "x", count: 10_000)
    let error = error(try outcome([page], status: 502, type: "text/html"))
    let shown = try #require(error?.info.body)
    #expect(shown.count < 2100 && shown.first == UInt8(ascii: "\""))
  }

  @Test func theKeyIsTakenOutOfWhatTheUpstreamSays() throws {
    let key = APIKey("sk-of/mine")
    for (said, status) in [
      (#"{"error":{"message":"bad key sk-of/mine"}}"#, 401),
      (#"{"error":{"message":"bad key sk-of\/mine"}}"#, 401), ("sk-of/mine", 200),
      (String(repeating: "x", count: 2045) + "sk-of/mine", 502),
    ] {
      let error = error(try outcome([said], status: status, key: key))
      #expect(!body(of: error).contains("mine"), "\(body(of: error).suffix(40))")
    }
  }

  @Test func aBrokenCallIsItsOwnError() throws {
    let fault = try outcome([#"{"cho"#], failure: .make(.cut)).fault
    #expect(fault?.error.name == .upstreamUnreachable)
    #expect(fault?.kind == .cut)
  }

  // MARK: Faults

  private func kind(
    _ pieces: [String], status: Int = 200, type: String = "text/event-stream"
  ) throws -> CallFault.Kind? { try outcome(pieces, status: status, type: type).fault?.kind }

  @Test func aRefusalIsItsStatus() throws {
    #expect(try kind([], status: 429) == .status(429))
    #expect(try kind([#"{"error":{"code":500}}"#], status: 404) == .status(404))
  }

  @Test(arguments: [("503", CallFault.Kind.status(503)), (#""429""#, .status(429))])
  func anErrorWithWhichAStreamBeginsIsWhatItWouldHaveRefusedWith(
    _ code: String, _ expected: CallFault.Kind
  ) throws {
    let error = #"data: {"error":{"message":"busy","code":\#(code)}}"# + "\n\n"
    #expect(try kind([error]) == expected)
    #expect(try kind([event("half"), error]) == .strange, "something has come already")
  }

  @Test(arguments: [
    #"{"error":{"message":"busy"}}"#, #"{"error":{"code":"rate_limit"}}"#,
    #"{"error":{"code":200}}"#, #"{"error":"busy"}"#,
  ])
  func anErrorWithoutAStatusIsAStrangeAnswer(_ error: String) throws {
    #expect(try kind(["data: \(error)\n\n"]) == .strange)
    #expect(try kind([error], type: "application/json") == .strange)
  }

  @Test func whatIsNoAnswerIsStrangeAndWhatBreaksOffIsCut() throws {
    #expect(try kind(["<html>"], type: "text/html") == .strange)
    #expect(try kind([#"{"id":"c"}"#], type: "application/json") == .strange)
    #expect(try kind(["data: nonsense\n\n"]) == .strange)
    #expect(try kind([]) == .strange)
    #expect(try kind([event("half")]) == .cut)
  }

  // MARK: Streams

  @Test func aStreamGivesItsChunksAndTheWhole() throws {
    var reader = AnswerReader(.init(streams: true, storage: try .make(), key: nil))
    reader.responded(status: 200, contentType: "text/event-stream; charset=utf-8")
    let first = reader.received(Array(event("one ").utf8), parser: parser)
    #expect(first.count == 1 && text(first[0].json).hasPrefix(#"{"id":"c""#))
    let rest =
      event("two", #""stop""#) + #"data: {"choices":[],"usage":{"prompt_tokens":3}}"#
      + "\n\ndata: [DONE]\n\n"
    let more = reader.received(Array(rest.utf8), parser: parser)
    #expect(more.map(\.isUsageOnly) == [false, true])
    let answer = completed(reader.ended(failure: nil, parser: parser))
    #expect(completion(of: answer).contains(#""content":"one two""#))
    #expect(answer?.tokens.prompt == 3 && answer?.boundaries?.pieces.count == 2)
    #expect(answer?.refusal == nil)
  }

  @Test func theChunkThatEndsAChoiceWaitsForWhatFollows() throws {
    var reader = AnswerReader(.init(streams: true, storage: try .make(), key: nil))
    reader.responded(status: 200, contentType: "text/event-stream")
    func received(_ text: String) -> Int {
      reader.received(Array(text.utf8), parser: parser).count
    }
    #expect(received(event("one ")) == 1)
    #expect(received(event("two", #""stop""#)) == 0)
    #expect(received(#"data: {"choices":[],"usage":{"prompt_tokens":3}}"# + "\n\n") == 2)
    #expect(received("data: [DONE]") == 0)
    #expect(reader.finish(parser: parser).isEmpty)
    #expect(completed(reader.ended(failure: nil, parser: parser)) != nil)
  }

  @Test func aStreamThatDiesAfterItDoesNotLookFinished() throws {
    for last in ["", #"data: {"error":{"message":"no"}}"# + "\n\n", "data: nonsense\n\n"] {
      let stream = [event("one"), event("two", #""stop""#), last]
      let error = error(try outcome(stream, type: "text/event-stream"))
      #expect(error?.name == .streamInterrupted)
      #expect(partial(of: error).contains(#""finish_reason":null"#))
    }
  }

  @Test func whatComesAfterTheEndTakesNothingFromIt() throws {
    let stream = event("x", #""stop""#) + "data: [DONE]\n\ndata: nonsense\n\n"
    let outcome = try outcome([stream], type: "text/event-stream", failure: .make(.reset))
    #expect(completed(outcome) != nil)
  }

  @Test(arguments: [nil, CallFault.Kind.cut, .stalled])
  func aStreamThatDiesNeverLooksFinished(_ kind: CallFault.Kind?) throws {
    let stream = event("half")
    let failure = kind.map { CallFault.make($0) }
    let error = error(try outcome([stream], type: "text/event-stream", failure: failure))
    #expect(error?.name == .streamInterrupted)
    #expect(partial(of: error).contains("half"))
  }

  @Test func aKeyThatIsEchoedInAStreamIsNotToldWithItsError() throws {
    let key = APIKey("sk-made-up/0123")
    let stream = event("my key is sk-made-up\\/0123, and sk-made-up/0123")
    let error = error(
      try outcome([stream], type: "text/event-stream", failure: .make(.cut), key: key))
    #expect(partial(of: error).contains("my key is (redacted), and (redacted)"))
  }

  @Test(arguments: [#"{"error":{"message":"overloaded"}}"#, "nonsense", "{}"])
  func aBadChunkEndsTheStreamAsAnError(_ data: String) throws {
    let event = "data: \(data)\n\n"
    let atOnce = error(try outcome([event], type: "text/event-stream"))
    #expect(atOnce?.name == .upstreamError)
    let later = error(
      try outcome([self.event("half"), event, "data: [DONE]\n\n"], type: "text/event-stream"))
    #expect(later?.name == .streamInterrupted)
    #expect(partial(of: later).contains("half"))
  }

  @Test(arguments: [
    "data: [DONE]", "data: [DONE]\n", "data: [DONE]  \n\n", "data:\n\ndata: [DONE]\n\n",
  ])
  func theEndMayBeWrittenCarelessly(_ end: String) throws {
    let type = "text/event-stream ; charset=utf-8"
    #expect(completed(try outcome([event("x", #""stop""#), end], type: type)) != nil)
  }

  @Test func anEmptyStreamIsAnError() throws {
    let empty = error(try outcome([": hello\n\n"], type: "text/event-stream"))
    #expect(empty?.name == .upstreamError)
  }

  @Test func aCallThatNeverSaidAnythingIsAnError() throws {
    let reader = AnswerReader(.init(streams: false, storage: try .make(), key: nil))
    #expect(error(reader.ended(failure: nil, parser: parser))?.name == .upstreamError)
  }
}
