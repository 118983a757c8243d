import NIOCore

/// Waits for the first byte of a connection, which tells the dialect: an upper-case letter begins
/// an HTTP request, and no line that promptd takes.
final class DialectHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// The daemon takes no more, which the session is to know.
  private var isQuiescing = false
  private let begin: (_ isHTTP: Bool, _ channel: any Channel) throws -> Void

  /// `begin` adds the handlers of the dialect to the channel.
  init(begin: @escaping (_ isHTTP: Bool, _ channel: any Channel) throws -> Void) {
    self.begin = begin
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
    do {
      try begin((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first), context.channel)
    } catch {
      return context.close(promise: nil)
    }
    if isQuiescing { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    context.fireChannelRead(data)
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      // What was said and not read yet is still a request.
      isQuiescing = true
      return context.channel.endInput()
    }
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
