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

  func channelActive(context: ChannelHandlerContext) {
    var body = ByteBuffer()
    LineReplies.write(error, id: nil, to: &body)
    var bytes = ByteBuffer()
    if isHTTP {
      bytes.writeString(
        "HTTP/1.1 \(error.httpStatus) Service Unavailable\r\nContent-Type: application/json\r\n"
          + "Connection: close\r\nRetry-After: 1\r\nContent-Length: \(body.readableBytes)\r\n\r\n")
    }
    bytes.writeBuffer(&body)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
