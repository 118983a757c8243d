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
  /// Some of the bytes of something long.
  case piece(ArraySlice<UInt8>)
  /// The end of a reply that came in parts.
  case end

  /// Bytes that it keeps waiting, near enough.
  var size: Int {
    switch self {
    case .bytes(let bytes): bytes.readableBytes
    case .chunk(let chunk, _): chunk.json.count
    case .answer(let answer, _, _): answer.completion.count
    case .piece(let bytes): bytes.count
    case .end: 0
    }
  }

  /// Bytes that are copied at a time, about: what is longer goes out in pieces as its reader takes them,
  /// and stays one for all its readers until then.
  static let pieceBytes = 64 << 10

  /// All of these bytes.
  static func pieces(of bytes: ArraySlice<UInt8>) -> [ReplyPart] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: pieceBytes).map {
      .piece(bytes[$0..<min($0 + pieceBytes, bytes.endIndex)])
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

extension CachedAnswer {
  /// Whether it goes out in pieces.
  var isLong: Bool { completion.count > ReplyPart.pieceBytes }
}

extension ChatReply {
  /// Bytes of the answer.
  var bytes: Int {
    switch self {
    case .answer(let answer, _): answer.completion.count
    case .failure: 0
    }
  }
}
