import JSON
import NIOCore

/// Reads the daemon's lines on the event loop and hands them to the calls that wait.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let board: CallBoard
  private let parser = JSONParser()
  private var lines: LineReader

  init(board: CallBoard, limit: Int) {
    self.board = board
    lines = LineReader(limit: limit)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lines.add(unwrapInboundIn(data))
    do {
      while let line = try lines.next() {
        if line.readableBytes > 0 { board.deliver(try read(line)) }
      }
    } catch {
      board.failAll(Self.failure(error, limit: lines.limit))
      context.close(promise: nil)
    }
  }

  /// The connection is gone: nobody will answer what still waits.
  func channelInactive(context: ChannelHandlerContext) {
    board.failAll(.connectionLost)
    context.fireChannelInactive()
  }

  /// A broken connection is no news: the channel closes, and `channelInactive` tells the calls.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func read(_ line: ByteBuffer) throws -> ServerLine {
    try parser.withDocument(of: line.readableBytesView) { try ServerLine($0) }
  }

  private static func failure(_ error: any Error, limit: Int) -> ClientError {
    switch error {
    case let error as ClientError: error
    case is LineReader.TooLong: .notPromptd(reason: "a line is over \(limit >> 20) MiB")
    case let error as JSONError: .notPromptd(reason: "a line is no JSON: it \(error)")
    default: .notPromptd(reason: "a line cannot be read")
    }
  }
}
