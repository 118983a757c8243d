import JSON
import NIOCore
import NIOHTTP1
import PromptCore
import PromptProtocol

/// One connection that speaks HTTP/1.1, one request after the other: a handler before it holds a
/// pipelined request back until the reply before it is written.
///
/// It goes from idle to receiving to replying and back to idle; from anywhere to closing, when
/// nothing more is read. All of it runs on the connection's event loop.
final class HTTPSession: ChannelDuplexHandler, ReplyReceiver {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  enum State {
    case idle
    case receiving(HTTPExchange)
    case replying(HTTPExchange)
    case closing
  }

  let server: SessionServices
  let route: Route
  let tools: LoopTools
  let account: BufferAccount
  let pace: ClientPace
  var state = State.idle
  /// What there is no room for yet.
  var backlog = Backlog()
  var context: ChannelHandlerContext?
  private let callers: any CallerSource
  /// TCP cannot tell a client that has gone from one that has said all, and no client of HTTP is
  /// known to go on reading. A Unix socket tells, and who half-closes there is answered.
  private let isGoneAtEOF: Bool
  private var headDeadline: Scheduled<Void>?
  private var isFinishing = false
  private var needsFlush = false
  /// How many requests are being answered inside of each other.
  private var depth = 0

  /// How long the head of a request may take, from its first byte.
  private static let headTime = TimeAmount.seconds(10)
  private static let deepest = 16

  init(_ server: SessionServices, callers: any CallerSource, route: Route, tools: LoopTools) {
    self.server = server
    self.callers = callers
    isGoneAtEOF = route.owner == .stranger
    self.route = route
    self.tools = tools
    account = BufferAccount(server.buffers, owner: route.owner)
    pace = ClientPace(timeout: server.limits.writeTimeout)
  }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    tools.sessions[route.session] = self
  }

  /// Bytes came, of whatever: a head that has begun must end.
  func bytesCame() {
    guard case .idle = state, headDeadline == nil, let context else { return }
    headDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.headTime) {
      [weak self] in
      self?.close(with: HTTPFault(status: 408, "the head of the request did not come within 10 s"))
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (state, unwrapInboundIn(data)) {
    case (.idle, .head(let head)):
      headDeadline?.cancel()
      headDeadline = nil
      receive(head)
    case (.receiving(var exchange), .body(var bytes)):
      state = .idle  // so that appending copies nothing
      exchange.take(&bytes, limit: server.limits.maxLineBytes)
      state = .receiving(exchange)
      if exchange.fault?.error.name == .tooLarge { return close(with: exchange.fault) }
      account.hold(exchange.body.readableBytes)
    case (.receiving(var exchange), .end):
      if account.isFull, exchange.body.readableBytes > LineSession.turnBytes {
        exchange.fault = exchange.fault ?? HTTPFault(BufferAccount.refusal)
      }
      beginSoon(exchange, context)
    case (.idle, .body), (.idle, .end), (.receiving, .head), (.replying, _), (.closing, _):
      return  // the rest of what was refused
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { finishTurn() }

  func read(context: ChannelHandlerContext) {
    if pace.isWritable { context.read() } else { pace.isReadWanted = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    pace.isWritable = context.channel.isWritable
    if pace.isWritable { finishTurn() } else { pace.watch(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    isFinishing = true
    switch state {
    case .idle, .receiving: context.close(promise: nil)
    case .replying, .closing: if isGoneAtEOF { context.close(promise: nil) }
    }
  }

  /// The client is gone: nothing that it alone waited for goes on.
  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    tools.sessions[route.session] = nil
    headDeadline?.cancel()
    pace.stop()
    if case .replying(let exchange) = state, let request = exchange.request {
      server.broker.giveUp(request)
    }
    state = .closing
    account.hold(0)
    context.fireChannelInactive()
  }

  /// What is no HTTP is told so; a broken connection is no news.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError, case .idle = state else {
      return context.close(promise: nil)
    }
    let isTooLong = error == .headerOverflow
    close(
      with: isTooLong
        ? HTTPFault(status: 431, "the headers are longer than \(HTTPPipeline.longestHead) bytes")
        : HTTPFault(status: 400, "the request is no HTTP/1.1 that promptd takes"))
  }

  // MARK: Receiving

  /// A reply that is written at once lets in the next request of a row, from inside its own: a long
  /// row goes on in a turn of its own before it is too deep.
  private func beginSoon(_ exchange: HTTPExchange, _ context: ChannelHandlerContext) {
    depth += 1
    defer { depth -= 1 }
    guard depth > Self.deepest else { return begin(exchange) }
    state = .replying(exchange)
    context.eventLoop.assumeIsolated().execute {
      guard case .replying(let exchange) = self.state else { return }
      self.begin(exchange)
      self.finishTurn()
    }
  }

  private func receive(_ head: HTTPRequestHead) {
    let headers = head.headers
    let path = head.uri.prefix { $0 != "?" }
    var exchange: HTTPExchange
    do throws(WireError) {
      let caller = try callers.caller(authorization: headers.first(name: "authorization"))
      exchange = HTTPExchange(head: head, target: HTTPTarget(path: path), caller: caller)
    } catch {
      return close(with: HTTPFault(error))
    }
    do throws(WireError) {
      exchange.options = try RequestOptions { headers.first(name: $0) }
    } catch {
      exchange.fault = HTTPFault(error)
    }
    exchange.check()
    let limit = server.limits.maxLineBytes
    if let length = headers.first(name: "content-length").flatMap(Int.init) {
      guard length <= limit else { return close(with: .tooLarge(limit)) }
      // Room for the parser's padding too; a length that is only claimed gets no more than this.
      exchange.body.reserveCapacity(min(length, LineSession.turnBytes) + JSONParser.padding)
    }
    state = .receiving(exchange)
    if headers.contains(name: "expect") { answerExpectation(of: exchange) }
  }

  /// Lets a client send the body that it holds back (RFC 9110 section 10.1.1).
  private func answerExpectation(of exchange: HTTPExchange) {
    guard exchange.head.headers.first(name: "expect")?.lowercased() == "100-continue" else {
      return close(with: HTTPFault(status: 417, "Expect may say 100-continue and nothing else"))
    }
    if let fault = exchange.fault { return close(with: fault) }
    write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
  }

  // MARK: Turns

  /// Writes a part of a reply; it goes out at the end of the turn.
  func write(_ part: HTTPServerResponsePart) {
    guard let context else { return }
    if case .body(.byteBuffer(let bytes)) = part { pace.noteSent(bytes.readableBytes) }
    context.write(wrapOutboundOut(part), promise: nil)
    needsFlush = true
  }

  /// Goes on with what waited and sends what the turn had to say.
  func finishTurn() {
    drain()
    guard let context else { return }
    if needsFlush {
      needsFlush = false
      context.flush()
      pace.watchRest(context)
    }
    // Flushing may have made room at once, of which nobody is told.
    while pace.isWritable, !backlog.isEmpty {
      drain()
      context.flush()
    }
    countBuffers()
    if pace.isReadWanted, pace.isWritable {
      pace.isReadWanted = false
      context.read()
    }
  }

  /// Tells the ledger what waits here.
  func countBuffers() {
    guard let context else { return }
    let unsent = pace.isWritable ? 0 : ClientPace.waiting(in: context.channel)
    switch state {
    case .receiving(let exchange): account.hold(exchange.body.readableBytes + unsent)
    case .replying(let exchange):
      account.hold(exchange.bodyBytes + backlog.bytes + unsent)
    case .idle, .closing: account.hold(unsent)
    }
  }

  /// The reply is written: the connection waits for the next request, or closes.
  func ended(_ exchange: HTTPExchange) {
    guard exchange.head.isKeepAlive, !isFinishing else { return closeWhenSent() }
    state = .idle
    // In this order: the end lets the handler before this one pass on the next request at once.
    write(.end(nil))
  }

  /// Tells an error that nothing can come after, and closes.
  func close(with fault: HTTPFault?) {
    guard let fault, context != nil else { return }
    if case .closing = state { return }
    state = .closing
    headDeadline?.cancel()
    var (headers, body) = HTTPReplies.error(fault, writer: &tools.writer)
    headers.add(name: "Connection", value: "close")
    headers.add(name: "Content-Length", value: String(body.count))
    let status = HTTPResponseStatus(statusCode: fault.status)
    write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    write(.body(.byteBuffer(ByteBuffer(bytes: body))))
    closeWhenSent()
  }

  private func closeWhenSent() {
    guard let context else { return }
    state = .closing
    // Before the rest: writing may close the channel at once.
    pace.watch(context)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }
}
