import NIOCore
import PromptCore
import PromptProtocol

/// A piece of what a connection still has to say. Until there is room for it, it stays what all
/// its readers share.
enum ReplyPart {
  case bytes(ByteBuffer)
  /// With the id of the call that it belongs to; nil for a bare line.
  case chunk(AnswerChunk, id: [UInt8]?)
  case answer(CachedAnswer, ReplyInfo, AnswerForm)
  /// The end of a reply that came in parts.
  case end

  /// Bytes that it keeps waiting, near enough.
  var size: Int {
    switch self {
    case .bytes(let bytes): bytes.readableBytes
    case .chunk(let chunk, _): chunk.json.count
    case .answer(let answer, _, _): answer.completion.count
    case .end: 0
    }
  }
}

/// How a whole answer is written.
struct AnswerForm {
  /// The id of the call; nil for a bare line.
  var id: [UInt8]?
  /// Chunks go before it: a stream is wanted, and none has come.
  var splits: Bool
  var includesUsage: Bool
}
