import NIOCore

/// Whether a connection may be read, and how far its client has got with reading.
struct FlowControl {
  /// The channel's buffer has room.
  var isWritable = true
  /// A read was asked for while none was allowed.
  var isReadWanted = false
  /// Bytes given to the channel so far.
  var sent = 0
  /// Runs out when the client takes nothing.
  var deadline: Scheduled<Void>?

  /// Bytes that the channel has been given and the socket has not taken yet.
  static func waiting(in channel: any Channel) -> Int {
    do {
      return try channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
    } catch {
      return 0  // the channel is closed: nothing waits any more
    }
  }
}
