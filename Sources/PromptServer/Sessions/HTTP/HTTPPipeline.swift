import NIOCore
import NIOHTTP1

/// The handlers of a connection that speaks HTTP.
enum HTTPPipeline {
  /// Bytes of all headers of a request.
  static let longestHead = 64 << 10
  /// More headers than any client sends.
  private static let mostHeaders = 100

  /// Adds them, the session last.
  static func add(_ session: HTTPSession, to channel: any Channel) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderListSize = longestHead
    limits.maxHeaderFieldSize = longestHead
    limits.maxHeaderFieldCount = mostHeaders
    let decoder = HTTPRequestDecoder(
      leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
    try channel.pipeline.syncOperations.addHandlers([
      HTTPIntake(session), HTTPResponseEncoder(), ByteToMessageHandler(decoder),
      session,
    ])
  }
}
