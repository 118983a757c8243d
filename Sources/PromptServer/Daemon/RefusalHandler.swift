import NIOCore
import PromptProtocol

/// Says once why a connection is not taken, and closes it.
final class RefusalHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let error: WireError

  init(_ error: WireError) { self.error = error }

  func channelActive(context: ChannelHandlerContext) {
    var bytes = ByteBuffer()
    LineReplies.write(error, id: nil, to: &bytes)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
