import Glibc
import NIOCore

/// Lets a listening socket rest when it cannot accept: without a descriptor left, the kernel would
/// report the waiting connection again and again, and trying would burn the processor.
///
/// NIO's own handler delays reads that are asked for, and here none is: the socket stays registered.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = any Channel

  /// How long it rests: descriptors come back as soon as any connection ends.
  private static let rest = TimeAmount.milliseconds(100)

  /// Nobody is accepted any more.
  private var isOver = false
  /// Told why nobody can be accepted.
  private let failed: (String) -> Void

  /// `failed` is told why, each time that it rests.
  init(failed: @escaping (String) -> Void) { self.failed = failed }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is ChannelShouldQuiesceEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    isOver = true
    Self.setReads(false, of: context.channel)
    // It goes no further: NIO would close the socket at once, and with it every connection that is
    // still being set up.
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError else { return context.fireErrorCaught(error) }
    failed(String(cString: strerror(error.errnoCode)))
    let channel = context.channel
    Self.setReads(false, of: channel)
    channel.eventLoop.assumeIsolated().scheduleTask(in: Self.rest) { [self] in
      if !isOver { Self.setReads(true, of: channel) }
    }
  }

  private static func setReads(_ isOn: Bool, of channel: any Channel) {
    // A channel that is closed has nothing to rest from.
    do { try channel.syncOptions?.setOption(.autoRead, value: isOn) } catch { return }
  }
}
