import NIOCore
import PromptProtocol

/// Says once why a connection is not taken, and closes it.
final class RefusalHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let error: WireError
  private let isHTTP: Bool

  /// `isHTTP` says it as an HTTP response: only HTTP is spoken there.
  init(_ error: WireError, isHTTP: Bool) {
    self.error = error
    self.isHTTP = isHTTP
  }

  /// The error as a line, or as a whole response.
  static func bytes(of error: WireError, isHTTP: Bool, retryAfter: Int = 1) -> [UInt8] {
    var body = ByteBuffer()
    LineReplies.write(error, id: nil, to: &body)
    let head =
      "HTTP/1.1 \(error.httpStatus) Service Unavailable\r\nContent-Type: application/json\r\n"
      + "Connection: close\r\nRetry-After: \(retryAfter)\r\nContent-Length: \(body.readableBytes)\r\n\r\n"
    return (isHTTP ? Array(head.utf8) : []) + Array(body.readableBytesView)
  }

  func channelActive(context: ChannelHandlerContext) {
    let bytes = ByteBuffer(bytes: Self.bytes(of: error, isHTTP: isHTTP))
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
