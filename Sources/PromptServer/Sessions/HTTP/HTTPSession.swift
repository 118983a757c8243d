import DequeModule
import JSON
import NIOCore
import NIOHTTP1
import PromptCore
import PromptProtocol

/// One connection that speaks HTTP/1.1, one request after the other: what comes early waits in
/// `parts`.
///
/// It goes from idle to receiving to replying and back to idle; from anywhere to closing, when
/// nothing more is taken. All of it runs on the connection's event loop.
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
  private var context: ChannelHandlerContext?
  /// Where the bytes of requests wait, and where replies go that are bytes.
  var intake: HTTPIntake?
  private let callers: any CallerSource
  /// Whether it is a loopback connection. TCP cannot tell a client that has gone from one that has
  /// said all, and no client of HTTP is known to go on reading: there the end of the input is the
  /// end. A Unix socket tells, and who half-closes there is answered.
  let isLoopback: Bool
  /// What has come of a request while another one's reply was made.
  private var parts: Deque<HTTPServerRequestPart> = []
  /// Requests of which all has come.
  private(set) var requestsEnded = 0
  /// The head of the last request, where another one of the same head differs in its body alone.
  var repeatableHead: HTTPRequestHead?
  /// What is wrong with the bytes behind `parts`: nothing can be made of them.
  private var parserFault: HTTPFault?
  private var headDeadline: Scheduled<Void>?
  /// Bytes have come of which no head has been made.
  private var hasBegunHead = false
  private var isFinishing = false
  /// The daemon takes no more, and the client may have been in the middle of a request.
  private var isCutOff = false
  private var isWorking = false
  private var needsFlush = false

  /// How long the head of a request may take, from its first byte.
  private static let headTime = TimeAmount.seconds(10)

  init(
    _ server: SessionServices, callers: any CallerSource, route: Route, tools: LoopTools
  ) {
    self.server = server
    self.callers = callers
    self.route = route
    self.tools = tools
    isLoopback = route.owner == .stranger
    account = BufferAccount(server.buffers, owner: route.owner)
    pace = ClientPace(timeout: tools.rules.limits.writeTimeout)
  }

  func rulesChanged() { callers.rulesChanged(to: tools.rules) }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    tools.sessions[route.session] = self
    // Nobody is known there before the first head.
    if isLoopback { expectHead() }
  }

  /// Bytes came, of whatever: a head that has begun must end. Most have ended by the end of the turn.
  func bytesCame() { if case .idle = state, parts.isEmpty { hasBegunHead = true } }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    parts.append(unwrapInboundIn(data))
    work()
  }

  func channelReadComplete(context: ChannelHandlerContext) { finishTurn() }

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { pace.isReadWanted = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    pace.isWritable = context.channel.isWritable
    if pace.isWritable { finishTurn() } else { pace.watch(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      if isLoopback { return context.close(promise: nil) }
    } else if event is ChannelShouldQuiesceEvent {
      // The end of the input follows.
      isCutOff = true
      guard isLoopback else { return context.channel.endInput() }
      parts.removeAll()
      intake?.drop()
    } else {
      return context.fireUserInboundEventTriggered(event)
    }
    isFinishing = true
    finishTurn()
  }

  /// The client is gone: nothing that it alone waited for goes on.
  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    tools.sessions[route.session] = nil
    headDeadline?.cancel()
    pace.stop()
    if case .replying(let exchange) = state, let request = exchange.request {
      server.giveUp(request)
    }
    state = .closing
    parts.removeAll()
    intake?.drop()
    backlog = Backlog()
    account.hold(0)
    context.fireChannelInactive()
  }

  /// What is no HTTP is told so in its turn; a broken connection is no news.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
    parserFault = fault(for: error)
    finishTurn()
  }

  private func fault(for error: HTTPParserError) -> HTTPFault {
    // Half a request is none, and whoever goes on with it may send it again.
    if isCutOff { return HTTPFault(.stopping) }
    return error == .headerOverflow
      ? HTTPFault(status: 431, "the headers are longer than \(HTTPPipeline.longestHead) bytes")
      : HTTPFault(status: 400, "the request is no HTTP/1.1 that promptd takes")
  }

  // MARK: Working

  /// What comes before the end of a request of which the head has come.
  enum AwaitedBody {
    case bytes(Int)
    case chunks
  }

  /// The body that is still to come; nil before the head and after the end.
  var awaitedBody: AwaitedBody? {
    guard case .receiving(let exchange) = state else { return nil }
    let headers = exchange.head.headers
    guard !headers.contains(name: "transfer-encoding") else { return .chunks }
    return headers.first(name: "content-length").flatMap(Int.init).map { .bytes($0) } ?? .chunks
  }

  /// Whether a request is being answered, or its client still reads the reply before.
  private var isBusy: Bool {
    switch state {
    case .idle, .receiving: !pace.isWritable || !backlog.isEmpty
    case .replying, .closing: true
    }
  }

  /// Whether more of the bytes that came may be decoded.
  var mayTake: Bool { !isBusy && parts.isEmpty && parserFault == nil }

  private var mayRead: Bool { mayTake && intake?.waitingBytes ?? 0 == 0 }

  /// Takes what has come, up to the end of the next request that is not answered at once.
  private func work() {
    guard !isWorking, context != nil else { return }
    isWorking = true
    defer { isWorking = false }
    while !isBusy, let part = parts.popFirst() {
      switch (state, part) {
      case (.idle, .head(let head)): receive(head)
      case (.receiving(let exchange), .body(var bytes)):
        exchange.take(&bytes, limit: tools.rules.limits.maxLineBytes)
        refuseLongBody(exchange)
      case (.receiving(let exchange), .end):
        requestsEnded += 1
        repeatableHead = exchange.isRepeatable ? exchange.head : nil
        begin(exchange)
      case (.idle, .body), (.idle, .end), (.receiving, .head), (.replying, _), (.closing, _):
        continue  // the rest of what was refused
      }
    }
    if !isBusy, parts.isEmpty, let fault = parserFault { close(with: fault) }
  }

  /// Takes a request of which all has come, under a head that is repeatable; false leaves it to the
  /// decoder.
  func takes(_ body: UnsafeRawBufferPointer, under head: HTTPRequestHead) -> Bool {
    guard case .idle = state, mayTake, !isFinishing, context != nil,
      body.count <= tools.rules.limits.maxLineBytes, let caller = callers.caller(tools.rules)
    else { return false }
    let hit = server.desk.answer(
      body, at: .init(isNested: false, namespace: caller.namespace), from: caller,
      isFull: account.isFull, tools: tools, now: SystemClock.now)
    if let hit, says(hit) { return true }
    // What is longer is counted as it comes.
    guard hit != nil || body.count <= LineSession.turnBytes else { return false }
    let exchange = HTTPExchange(head: head, caller: caller)
    guard let hit else {
      exchange.body.reserveCapacity(body.count + JSONParser.padding)
      exchange.body.writeBytes(body)
      exchange.isKnownNew = true
      begin(exchange)
      return true
    }
    exchange.wants = ChatDesk.Form(hit.known)
    state = .replying(exchange)
    say(.answer(hit.answer, hit.info))
    return true
  }

  private func refuseLongBody(_ exchange: HTTPExchange) {
    if let fault = exchange.fault, fault.error.name == .tooLarge { return close(with: fault) }
    guard exchange.body.readableBytes > LineSession.turnBytes else { return }
    countBuffers()
    if account.isFull { close(with: HTTPFault(BufferAccount.refusal)) }
  }

  private func receive(_ head: HTTPRequestHead) {
    headDeadline?.cancel()
    headDeadline = nil
    hasBegunHead = false
    let exchange: HTTPExchange
    do throws(WireError) {
      let caller = try callers.caller(
        authorization: head.headers.first(name: "authorization"), tools.rules)
      exchange = HTTPExchange(head: head, caller: caller)
    } catch {
      return close(with: HTTPFault(error), isHeadOnly: head.method == .HEAD)
    }
    let limit = tools.rules.limits.maxLineBytes
    if let length = head.headers.first(name: "content-length").flatMap(Int.init) {
      guard length <= limit else { return close(with: .tooLarge(limit)) }
      // Room for the parser's padding too; a length that is only claimed gets no more than this.
      exchange.body.reserveCapacity(min(length, LineSession.turnBytes) + JSONParser.padding)
    }
    state = .receiving(exchange)
    if let text = head.headers.first(name: "expect"), head.version != .http1_0 {
      answer(expectation: text, of: exchange)
    }
  }

  /// Lets a client send the body that it holds back (RFC 9110 section 10.1.1).
  private func answer(expectation text: String, of exchange: HTTPExchange) {
    guard text.lowercased() == "100-continue" else {
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

  /// Writes a whole reply of bytes, after which the connection goes on.
  func write(whole bytes: ByteBuffer) {
    pace.noteSent(bytes.readableBytes)
    intake?.write(bytes)
    needsFlush = true
    state = .idle
  }

  /// Goes on with what waited and sends what the turn had to say.
  func finishTurn() {
    repeat {
      drain()
      work()
      intake?.handOn()
      flush()
      // Flushing may have made room at once, of which nobody is told.
    } while pace.isWritable
      && (!backlog.isEmpty || (!isBusy && (!parts.isEmpty || intake?.hasMore == true)))
    guard let context else { return }
    countBuffers()
    if isFinishing, !isBusy, parts.isEmpty { return closeWhenSent() }
    // Not while a client has not taken what was said before: nothing of it is read then.
    if case .idle = state, !isBusy, hasBegunHead { expectHead() }
    if pace.isReadWanted, mayRead {
      pace.isReadWanted = false
      context.read()
    }
  }

  private func flush() {
    guard let context, needsFlush else { return }
    needsFlush = false
    context.flush()
    pace.lookSoon(route.session, tools, context)
  }

  func watchRest() { if let context { pace.watchRest(context) } }

  /// Tells the ledger what waits here.
  func countBuffers() {
    guard let context else { return }
    let unsent = pace.isWritable ? 0 : ClientPace.waiting(in: context.channel)
    let waiting = unsent + (intake?.waitingBytes ?? 0)
    switch state {
    case .receiving(let exchange): account.hold(exchange.body.readableBytes + waiting)
    case .replying(let exchange): account.hold(exchange.bodyBytes + backlog.bytes + waiting)
    case .idle, .closing: account.hold(waiting)
    }
  }

  /// The reply is written: the connection waits for the next request, or closes.
  func ended(_ exchange: HTTPExchange) {
    guard exchange.keepsAlive else { return closeWhenSent() }
    write(.end(nil))
    state = .idle
  }

  // MARK: Closing

  private func expectHead() {
    guard headDeadline == nil, let context else { return }
    headDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.headTime) {
      [weak self] in
      guard let self, case .idle = self.state else { return }
      self.close(with: HTTPFault(status: 408, "the head of the request did not come within 10 s"))
    }
  }

  /// Tells an error that nothing can come after, and closes.
  func close(with fault: HTTPFault, isHeadOnly: Bool = false) {
    guard context != nil else { return }
    if case .closing = state { return }
    note(fault.error, by: nil)
    var (headers, body) = HTTPReplies.error(fault, writer: &tools.writer)
    headers.add(name: "Connection", value: "close")
    headers.add(name: "Content-Length", value: String(body.count))
    let status = HTTPResponseStatus(statusCode: fault.status)
    write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    if !isHeadOnly { write(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
    write(.end(nil))
    closeWhenSent(ending: false)
  }

  /// Closes once everything before has been sent; `ending` writes the end of a reply.
  private func closeWhenSent(ending: Bool = true) {
    guard let context else { return }
    if case .replying = state, ending { write(.end(nil)) }
    state = .closing
    headDeadline?.cancel()
    // Before the rest: flushing may close the channel at once.
    pace.watch(context)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer())))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }
}
