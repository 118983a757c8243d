import NIOCore

/// Whether a connection may be read, and how far its client has got with reading.
struct FlowControl {
  /// The channel's buffer has room.
  var isWritable = true
  /// As many requests wait as may.
  var isFull = false
  /// A read was asked for while none was allowed.
  var isReadWanted = false
  /// Bytes given to the channel so far.
  var sent = 0
  /// Runs out when the client takes nothing.
  var deadline: Scheduled<Void>?

  var mayRead: Bool { isWritable && !isFull }

  /// Bytes that the client's side of the socket has taken so far.
  func taken(_ channel: any Channel) -> Int {
    do {
      let options = try channel.syncOptions?.getOption(.bufferedWritableBytes)
      return sent - (options ?? 0)
    } catch {
      return sent  // the channel is closed: nothing waits any more
    }
  }
}
