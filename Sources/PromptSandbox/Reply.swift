import NIOCore
import NIOHTTP1

/// Puts replies together out of steps.
enum Reply {
  /// Parts of a body above this are sent in several steps, so that a caller who goes away in the
  /// middle of a long one is noticed (64 KiB).
  private static let longestPart = 64 << 10

  /// Above this, a whole answer's time grows no more: so many tokens of a day each are still a
  /// time that 64 bits of nanoseconds hold.
  private static let mostTokensAwaited = 100_000

  /// No JSON, and no UTF-8 either.
  static let garbage =
    Array("<html><body>sandbox: this is no JSON</body></html>".utf8) + [0xFF, 0xFE]

  /// A whole JSON body with its length.
  static func json(
    _ body: [UInt8], status: Int = 200, more: [(String, String)] = []
  ) -> [ReplyStep] {
    [head(status, length: body.count, more)] + parts(of: body) + [.finish]
  }

  /// An error's status and object.
  static func fault(_ fault: APIFault, more: [(String, String)] = []) -> [ReplyStep] {
    json(fault.body, status: fault.status, more: more)
  }

  /// The reply to a question, by what its model's name asks for.
  static func steps(to question: ChatQuestion, as kind: Behaviour.Kind) -> [ReplyStep] {
    switch kind {
    case .echo, .huge: return plain(question)
    case .slow(let first, let pause): return slow(question, first: first, pause: pause)
    case .status(let code, let seconds, let milliseconds):
      let more =
        (seconds.map { [("retry-after", "\($0)")] } ?? [])
        + (milliseconds.map { [("retry-after-ms", "\($0)")] } ?? [])
      return fault(
        APIFault("the sandbox was asked for status \(code)", status: code), more: more)
    case .silent: return [.hang]
    case .cut(let after): return cut(question, after: after)
    case .garbage:
      return question.streams
        ? [streamHead, frame(garbage), .finish] : json(garbage)
    case .errorFrame(let code, let after): return errorFrame(question, code: code, after: after)
    case .flawed(.undone): return plain(question, ends: [.finish])
    case .flawed: return plain(question)
    case .trickle: return plain(question).flatMap(bytewise)
    }
  }

  private static func plain(
    _ question: ChatQuestion, ends: [ReplyStep] = [done, .finish]
  ) -> [ReplyStep] {
    let answer = MadeUpAnswer(to: question)
    guard question.streams else { return json(answer.completion) }
    return [streamHead] + answer.chunks.map(frame) + ends
  }

  private static func slow(
    _ question: ChatQuestion, first: TimeAmount, pause: TimeAmount
  ) -> [ReplyStep] {
    let answer = MadeUpAnswer(to: question)
    guard question.streams else {
      // What is not streamed comes when its last token is there.
      let tokens = min(answer.completionTokens, mostTokensAwaited)
      return [.wait(first + pause * tokens)] + json(answer.completion)
    }
    let frames = answer.chunks.map(frame)
    let others = frames.dropFirst().flatMap { pause > .zero ? [.wait(pause), $0] : [$0] }
    return [.wait(first), streamHead] + frames.prefix(1) + others + [done, .finish]
  }

  private static func cut(_ question: ChatQuestion, after: Int) -> [ReplyStep] {
    let answer = MadeUpAnswer(to: question)
    guard question.streams else {
      let body = answer.completion
      let half = parts(of: Array(body.prefix(body.count / 2)))
      return [head(200, length: body.count)] + half + [.cut]
    }
    return [streamHead] + answer.chunks.prefix(after).map(frame) + [.cut]
  }

  private static func errorFrame(
    _ question: ChatQuestion, code: Int, after: Int
  ) -> [ReplyStep] {
    let error = APIFault("the sandbox was asked for an error inside a 200", status: code).body
    guard question.streams else { return json(error) }
    let chunks = MadeUpAnswer(to: question).chunks.prefix(after)
    return [streamHead] + chunks.map(frame) + [frame(error), .finish]
  }

  private static func bytewise(_ step: ReplyStep) -> [ReplyStep] {
    guard case .send(let bytes) = step else { return [step] }
    return bytes.flatMap { [.wait(.zero), .send([$0])] }
  }

  private static func head(
    _ status: Int, length: Int, _ more: [(String, String)] = []
  ) -> ReplyStep {
    let own = [("content-type", "application/json"), ("content-length", "\(length)")]
    return .head(status: status, headers: HTTPHeaders(own + more))
  }

  private static var streamHead: ReplyStep {
    .head(
      status: 200,
      headers: ["content-type": "text/event-stream", "cache-control": "no-cache"])
  }

  private static func frame(_ json: [UInt8]) -> ReplyStep {
    .send(Array("data: ".utf8) + json + Array("\n\n".utf8))
  }

  private static var done: ReplyStep { frame(Array("[DONE]".utf8)) }

  private static func parts(of body: [UInt8]) -> [ReplyStep] {
    stride(from: 0, to: body.count, by: longestPart).map {
      .send(Array(body[$0..<min($0 + longestPart, body.count)]))
    }
  }
}
