import NIOCore
import NIOHTTP1

/// Sees the bytes of a connection before anything is made of them. It tells the session that they came,
/// and takes requests past the decoder that begin as one did before: a client sends the same head again
/// and again. What the session has made into bytes itself goes out from here.
final class HTTPHeadWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let session: HTTPSession
  /// The head of the last request that was answered from memory, and nothing but its body mattered.
  private var known: KnownHead?
  /// Bytes that the decoder was given since a request ended with them; nil once that cannot be told any
  /// more, as after one in chunks.
  private var given: Int? = 0
  /// How long the head is that they begin with; nil if it came in pieces.
  private var headLength: Int?

  init(_ session: HTTPSession) { self.session = session }

  func handlerAdded(context: ChannelHandlerContext) { session.front = context }

  func handlerRemoved(context: ChannelHandlerContext) { session.front = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if given == 0 {
      if answersKnown(bytes) { return }
      headLength = bytes.withUnsafeReadableBytes { KnownHead.length(in: $0) }
    }
    session.bytesCame()
    let ended = session.requestsEnded
    context.fireChannelRead(data)
    if let before = given { note(bytes, after: before, ended: session.requestsEnded - ended) }
  }

  private func answersKnown(_ bytes: ByteBuffer) -> Bool {
    guard let known else { return false }
    return bytes.withUnsafeReadableBytes { bytes in
      guard let body = known.body(of: bytes) else { return false }
      return session.answersKnown(body, under: known.head)
    }
  }

  /// The decoder has taken bytes, and so many requests have ended with it.
  private func note(_ bytes: ByteBuffer, after before: Int, ended: Int) {
    let all = before + bytes.readableBytes
    guard ended > 0 else { return given = all }
    guard ended == 1, let headLength, all == headLength + session.lastBodyBytes else {
      return given = nil
    }
    given = 0
    guard before == 0, let head = session.repeatableHead else { return }
    known = bytes.withUnsafeReadableBytes { KnownHead(head, $0.prefix(headLength)) }
  }
}
