import JSON
import NIOCore
import NIOPosix
import PromptProtocol

/// One connection to the daemon that speaks JSON-RPC lines. Any number of calls may wait at once;
/// answers find theirs by id.
package final class Connection: Sendable {
  /// Bytes in one line of the daemon's, at most: its own limit for answers is far below.
  package static let longestLine = 256 << 20

  private let channel: any Channel
  private let board: CallBoard

  private init(channel: any Channel, board: CallBoard) {
    self.channel = channel
    self.board = board
  }

  /// Connects to the socket at `path`; who opens it closes it. `longestLine` is in bytes.
  package static func open(
    _ path: String, longestLine: Int = Connection.longestLine
  ) async throws -> Connection {
    let descriptor = try SocketDialer.connect(to: path)
    let board = CallBoard()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(board: board, limit: longestLine))
        }
      }
      .withConnectedSocket(descriptor).get()
    return Connection(channel: channel, board: board)
  }

  /// Calls a method with parameters in JSON, an object; its events end with the result, or with
  /// a `ClientError`. `abandoned` runs if the reader goes away before that.
  func call(
    _ method: RPCMethod, _ params: [UInt8]?, abandoned: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(ClientError) -> (id: Int, events: CallBoard.Events) {
    let call = try board.open(abandoned: abandoned)
    send(method, params, id: call.id)
    return call
  }

  /// Sends a request that is never answered.
  func notify(_ method: RPCMethod, _ params: [UInt8]) { send(method, params, id: nil) }

  /// Ends a call as unanswered after some time, unless the answer comes first; the caller cancels
  /// the timer.
  func limit(_ id: Int, to duration: Duration) -> Scheduled<Void> {
    let time = TimeAmount(duration)
    return channel.eventLoop.scheduleTask(in: time) { [board] in
      board.fail(id, .silent(seconds: Double(time.nanoseconds) / 1e9))
    }
  }

  /// Closes the connection; the daemon cancels what this client alone waited for.
  package func close() async {
    board.failAll(.connectionLost)
    channel.close(promise: nil)
    do {
      try await channel.closeFuture.get()
    } catch {
      // Closed is closed: the future never says why.
    }
  }

  private func send(_ method: RPCMethod, _ params: [UInt8]?, id: Int?) {
    var writer = JSONWriter()
    writer.object {
      $0.member("jsonrpc", "2.0")
      if let id { $0.member("id", id) }
      $0.member("method", method.rawValue)
      if let params {
        $0.name("params")
        $0.raw(params.lazy.map(Self.onOneLine))
      }
    }
    var buffer = channel.allocator.buffer(capacity: writer.bytes.count + 1)
    buffer.writeBytes(writer.bytes)
    buffer.writeInteger(UInt8(ascii: "\n"))
    channel.writeAndFlush(buffer, promise: nil)
  }

  /// In valid JSON a line break stands between tokens only (RFC 8259, section 7), where a space
  /// means the same.
  private static func onOneLine(_ byte: UInt8) -> UInt8 {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") ? UInt8(ascii: " ") : byte
  }
}
