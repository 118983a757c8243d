import NIOCore
import NIOHTTP1

/// Hands the bytes of a connection to the decoder, no more of them than belong to one request: decoded
/// heads take many times their bytes, so what comes behind a request that is not answered stays as it is.
///
/// It takes requests past the decoder that begin as one did before: a client sends the same head again
/// and again. What the session has made into bytes itself goes out from here.
final class HTTPIntake: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How far the decoder is in a request.
  private enum Place {
    /// It has nothing of one.
    case before
    /// Some of the head.
    case head
    /// All but so many bytes of the body.
    case body(left: Int)
    /// The head, and a body that says its length by and by.
    case chunks
  }

  private let session: HTTPSession
  private var context: ChannelHandlerContext?
  private var waiting = ByteBuffer()
  private var place = Place.before
  /// The head that the decoder was given, if it was given all of it at once, and may become the known one.
  private var headBytes: [UInt8]?
  /// The head of the last request of which nothing but its body mattered.
  private var known: KnownHead?
  private var isHandingOn = false
  /// The client says no more than what waits.
  private var hasEnded = false

  init(_ session: HTTPSession) { self.session = session }

  /// Bytes that the decoder has not been given.
  var waitingBytes: Int { waiting.readableBytes }

  /// Whether the decoder may be given some of them now.
  var hasMore: Bool { !isHandingOn && waitingBytes > 0 }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    session.intake = self
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    session.intake = nil
  }

  /// Sends bytes past the encoder; they go out with the next flush.
  func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

  /// Throws away what waits.
  func drop() { waiting = ByteBuffer() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if waitingBytes == 0 {
      if case .before = place, isTaken(bytes) { return }
      waiting = bytes
    } else {
      waiting.writeBuffer(&bytes)
    }
    handOn()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent, waitingBytes > 0,
      !session.isLoopback
    {
      hasEnded = true
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// Gives the decoder what waits, as far as the session takes it now.
  func handOn() {
    guard !isHandingOn, let context else { return }
    isHandingOn = true
    defer { isHandingOn = false }
    while waitingBytes > 0, session.mayTake { handOnPiece(to: context) }
    if waitingBytes == 0 {
      waiting = ByteBuffer()
      guard hasEnded else { return }
      hasEnded = false
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    } else if waiting.storageCapacity > 2 * waitingBytes {
      // A copy of its own: a few bytes would keep all that was read with them.
      waiting = ByteBuffer(waiting.readableBytesView)
    }
  }

  /// Whether the session takes a request as it is, which begins as one before did.
  private func isTaken(_ bytes: ByteBuffer) -> Bool {
    guard let known else { return false }
    return bytes.withUnsafeReadableBytes { bytes in
      guard let body = known.body(of: bytes) else { return false }
      return session.takes(body, under: known.head)
    }
  }

  private func handOnPiece(to context: ChannelHandlerContext) {
    if case .before = place { skipEmptyLines() }
    guard waitingBytes > 0, let piece = waiting.readSlice(length: pieceLength()) else { return }
    let ended = session.requestsEnded
    session.bytesCame()
    context.fireChannelRead(wrapInboundOut(piece))
    if session.requestsEnded != ended {
      noteHead()
      place = .before
    } else if case .body(let left) = place {
      place = .body(left: left - piece.readableBytes)
    } else {
      switch session.awaitedBody {
      case nil: place = .head
      case .bytes(let count): place = .body(left: count)
      case .chunks: place = .chunks
      }
    }
  }

  /// Empty lines before a request are none of it (RFC 9112 section 2.2).
  private func skipEmptyLines() {
    let lines = waiting.readableBytesView.prefix {
      $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n")
    }
    waiting.moveReaderIndex(forwardBy: lines.count)
  }

  /// How many of the bytes that wait go no further than the request does.
  private func pieceLength() -> Int {
    switch place {
    case .before:
      return waiting.withUnsafeReadableBytes { bytes in
        let length = KnownHead.length(in: bytes)
        headBytes = length.flatMap { newHead(UnsafeRawBufferPointer(rebasing: bytes[..<$0])) }
        return length ?? bytes.count
      }
    // Both end at the end of a line (RFC 9112 sections 2.1 and 7.1).
    case .head, .chunks: return lineLength() ?? waitingBytes
    case .body(let left): return min(max(1, left), waitingBytes)
    }
  }

  /// How long the first line is with its end, if that is there. Its carriage return may have come before.
  private func lineLength() -> Int? {
    let bytes = waiting.readableBytesView
    var start = bytes.startIndex
    while let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if feed == bytes.startIndex || bytes[feed - 1] == UInt8(ascii: "\r") {
        return feed + 1 - bytes.startIndex
      }
      start = feed + 1
    }
    return nil
  }

  /// A head that may become the known one and is not.
  private func newHead(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    bytes.count > KnownHead.longest || known?.fits(bytes) == true ? nil : Array(bytes)
  }

  /// A request has ended: the next one may begin as it did.
  private func noteHead() {
    if let headBytes, let head = session.repeatableHead {
      known = headBytes.withUnsafeBytes { KnownHead(head, $0) }
    }
    headBytes = nil
    session.repeatableHead = nil
  }
}
