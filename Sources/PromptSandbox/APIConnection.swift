import NIOCore
import NIOHTTP1

/// One connection: takes requests whole, one after the other, and plays their replies.
///
/// It goes from idle to receiving to replying and back to idle, or from receiving a body that is
/// too long to refusing; from anywhere to closed. All of it runs on the connection's event loop,
/// behind a handler that holds back a pipelined request until the reply before it is written.
final class APIConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    /// Waits for a request, or is about to close after the last.
    case idle
    case receiving(HTTPRequestHead, ByteBuffer)
    case replying(Playback)
    case closed
  }

  /// A reply on its way.
  private struct Playback {
    var steps: ArraySlice<ReplyStep>
    var keepsAlive: Bool
    /// A call for a completion that has not been noted as over.
    var isCounted: Bool
  }

  /// The longest body (64 MiB).
  private static let longestBody = 64 << 20

  private let calls: SandboxCalls
  private let responder: Responder
  private var state = State.idle
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var isPlaying = false

  init(calls: SandboxCalls) {
    self.calls = calls
    responder = Responder(calls: calls)
  }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (state, unwrapInboundIn(data)) {
    case (.idle, .head(let head)): state = .receiving(head, ByteBuffer())
    case (.receiving(let head, var body), .body(var part)):
      state = .idle  // so that appending copies nothing
      guard body.readableBytes + part.readableBytes <= Self.longestBody else { return refuse() }
      body.writeBuffer(&part)
      state = .receiving(head, body)
    case (.receiving(let head, let body), .end): begin(head, body, context)
    case (.idle, .body), (.idle, .end), (.receiving, .head), (.replying, _), (.closed, _):
      // The rest of a body that was refused.
      return
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { play() }

  /// The caller is gone: its reply stops where it is.
  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    if case .replying(let playback) = state, playback.isCounted { calls.disconnected() }
    state = .closed
    context.fireChannelInactive()
  }

  /// A broken connection is no news: the channel closes, and `channelInactive` tidies up.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // MARK: Replying

  private func begin(
    _ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext
  ) {
    let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) {
      "\($0), \($1)"
    }
    let path = head.uri.prefix { $0 != "?" }
    let request = APIRequest(
      method: head.method.rawValue, path: String(path), headers: headers,
      body: Array(body.readableBytesView))
    let isCall = request.asksForCompletion
    if isCall { calls.started(SeenCall(headers: request.headers, body: request.body)) }
    state = .replying(
      Playback(
        steps: responder.steps(for: request)[...], keepsAlive: head.isKeepAlive, isCounted: isCall))
    // In a turn of its own: else a long row of pipelined requests would be as deep a recursion.
    wait(.zero, context)
  }

  /// Answers before the request's end and closes: what is still coming is not worth reading.
  private func refuse() {
    let fault = APIFault(
      "the body is longer than \(Self.longestBody) bytes: send a shorter one", status: 413)
    state = .replying(
      Playback(steps: Reply.fault(fault)[...], keepsAlive: false, isCounted: false))
    play()
  }

  private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
      self.timer = nil
      self.play()
    }
  }

  /// Performs steps until one waits, the caller reads too slowly, or the reply is over.
  private func play() {
    guard !isPlaying, timer == nil, let context else { return }
    isPlaying = true
    defer { isPlaying = false }
    while context.channel.isWritable, let (step, playback) = nextStep() {
      perform(step, playback, context)
      if step.isLast || timer != nil { return }
      // A flush may make the channel writable at once, which nobody would be told of here.
      if !context.channel.isWritable { context.flush() }
    }
  }

  /// Takes the next step of the reply, noting the call's end before its last bytes are written.
  private func nextStep() -> (ReplyStep, Playback)? {
    guard case .replying(var playback) = state, let step = playback.steps.popFirst()
    else { return nil }
    let comesLast = playback.steps.first.map { $0 == .finish || $0 == .cut } ?? (step != .hang)
    if playback.isCounted, comesLast {
      playback.isCounted = false
      calls.answered()
    }
    state = .replying(playback)
    return (step, playback)
  }

  private func perform(
    _ step: ReplyStep, _ playback: Playback, _ context: ChannelHandlerContext
  ) {
    switch step {
    case .head(let status, var headers):
      if !playback.keepsAlive { headers.replaceOrAdd(name: "connection", value: "close") }
      let head = HTTPResponseHead(
        version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
      write(.head(head), context)
    case .send(let bytes): write(.body(.byteBuffer(ByteBuffer(bytes: bytes))), context)
    case .wait(let time):
      context.flush()
      wait(time, context)
    case .finish: finish(playback, context)
    case .cut:
      state = .idle
      context.flush()
      context.close(promise: nil)
    case .hang: return
    }
  }

  private func finish(_ playback: Playback, _ context: ChannelHandlerContext) {
    // The next request may come while the end is being written.
    state = .idle
    let written = context.eventLoop.makePromise(of: Void.self)
    if !playback.keepsAlive {
      let context = NIOLoopBound(context, eventLoop: context.eventLoop)
      written.futureResult.whenComplete { _ in context.value.close(promise: nil) }
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  private func write(_ part: HTTPServerResponsePart, _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(part), promise: nil)
  }
}
