import Glibc
import NIOCore
import NIOPosix

/// Whether a connection takes what it is sent, and until when it may take nothing.
///
/// It belongs to the connection's event loop.
final class ClientPace {
  /// The channel's buffer has room.
  var isWritable = true
  /// A read was asked for while none was allowed.
  var isReadWanted = false
  /// Something was sent, and it is going to be looked at whether the client takes it.
  private var isLookDue = false
  /// Bytes given to the channel so far.
  private var sent = 0
  private var deadline: Scheduled<Void>?
  private var isOver = false
  private let timeout: TimeAmount

  /// What is left of the bytes that were sent.
  private struct Rest: Equatable {
    /// Bytes that the channel has passed on to the kernel.
    var passed: Int
    /// Bytes that the kernel holds, near enough.
    var queued: Int32
  }

  /// The client is dropped when it takes nothing for as long as `timeout`.
  init(timeout: TimeAmount) { self.timeout = timeout }

  /// So many bytes were given to the channel.
  func noteSent(_ bytes: Int) { sent += bytes }

  /// Something was flushed: it is looked at soon, once for whatever is flushed until then.
  func lookSoon(_ session: SessionID, _ tools: LoopTools, _ context: ChannelHandlerContext) {
    guard !isLookDue, deadline == nil, !isOver else { return }
    isLookDue = true
    tools.noteSent(session, on: context.eventLoop)
  }

  /// Watches until everything is taken, and closes the channel when nothing is for too long.
  func watch(_ context: ChannelHandlerContext) {
    if deadline == nil, !isOver { look(context, before: rest(context.channel), unchanged: 0) }
  }

  /// Looks several times within the timeout: what the kernel took at first is no progress.
  private func look(_ context: ChannelHandlerContext, before: Rest, unchanged: Int) {
    let channel = context.channel
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    let step = TimeAmount.nanoseconds(timeout.nanoseconds / Int64(Self.looks))
    deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: step) {
      [weak self] in
      guard let self, !self.isOver else { return }
      self.deadline = nil
      let now = self.rest(channel)
      if now.passed == self.sent, self.isWritable { return }
      let unchanged = now == before ? unchanged + 1 : 0
      if unchanged == Self.looks { return channel.close(promise: nil) }
      self.look(context.value, before: now, unchanged: unchanged)
    }
  }

  private static let looks = 4

  /// Watches if the socket has not taken all that was flushed.
  func watchRest(_ context: ChannelHandlerContext) {
    isLookDue = false
    if deadline == nil, Self.waiting(in: context.channel) > 0 { watch(context) }
  }

  /// Ends the watch, for good: the channel is closed.
  func stop() {
    deadline?.cancel()
    deadline = nil
    isOver = true
  }

  private func rest(_ channel: any Channel) -> Rest {
    Rest(passed: sent - Self.waiting(in: channel), queued: Self.queued(for: channel))
  }

  /// Bytes that the channel has been given and the kernel has not.
  static func waiting(in channel: any Channel) -> Int {
    do {
      return try channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
    } catch {
      return 0  // the channel is closed: nothing waits any more
    }
  }

  /// What the kernel holds for a reader. A slow one takes from here long before the kernel calls
  /// the socket writable again, which takes three quarters of its buffer (af_unix.c).
  private static func queued(for channel: any Channel) -> Int32 {
    do {
      return try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { descriptor in
        var bytes: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &bytes) == 0 ? bytes : 0
      } ?? 0
    } catch {
      return 0
    }
  }
}
