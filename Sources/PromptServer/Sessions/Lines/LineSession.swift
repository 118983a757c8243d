import JSON
import NIOCore
import PromptCore
import PromptProtocol

/// One connection that speaks lines, in both dialects.
///
/// All of it runs on the connection's event loop.
final class LineSession: ChannelDuplexHandler, ReplyReceiver {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Stage {
    /// Goes to finishing when the client has said all, or the daemon stops.
    case open
    /// Nothing more is read; goes to closing once everything is said.
    case finishing
    /// The last bytes are on their way.
    case closing
  }

  let server: SessionServices
  private let peer: PeerCaller
  let route: Route
  let tools: LoopTools

  var outstanding = Outstanding()
  var order = ReplyOrder()
  /// Listings whose next page is wanted once what has come is on its way.
  var listings: Set<RequestID> = []
  /// What it is told of the log.
  var watch: LogWatch?
  /// What this turn has to say.
  var output = ByteBuffer()
  /// What there is no room for yet.
  var backlog = Backlog()
  let account: BufferAccount
  private let pace: ClientPace
  private var context: ChannelHandlerContext?
  private var framer: LineFramer
  private var discardDeadline: Scheduled<Void>?
  /// Bytes that the turn before had to say.
  private var lastTurn = 0
  private var isWorking = false
  private var stage = Stage.open
  /// The daemon takes no more, and the client may have been in the middle of a line.
  private var isCutOff = false
  /// What the lines so far were: a line that cannot be understood is answered in their dialect.
  private var sawBare = false
  private var sawCall = false

  /// Bytes of replies that are made at a time, about: more lines are taken once these are on their
  /// way.
  static let turnBytes = ReplyPart.pieceBytes
  private static let smallTurn = 4 << 10
  /// How long the rest of a line that is too long may take.
  private static let discardTime = TimeAmount.seconds(10)

  init(_ server: SessionServices, peer: PeerCaller, route: Route, tools: LoopTools) {
    self.server = server
    self.peer = peer
    self.route = route
    self.tools = tools
    account = BufferAccount(server.buffers, owner: route.owner)
    pace = ClientPace(timeout: tools.rules.limits.writeTimeout)
    framer = LineFramer(limit: tools.rules.limits.maxLineBytes)
  }

  /// Who is asking, by the rules that are in force now.
  var caller: Caller { peer.peer(tools.rules) }

  func rulesChanged() { peer.rulesChanged(to: tools.rules) }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    tools.sessions[route.session] = self
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard stage == .open else { return }
    framer.add(unwrapInboundIn(data))
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
      if isCutOff { framer.dropRest() } else { framer.end() }
      finish()
    } else if event is ChannelShouldQuiesceEvent {
      isCutOff = true
      context.channel.endInput()
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// The client is gone: nothing that it alone waited for goes on.
  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    tools.sessions[route.session] = nil
    discardDeadline?.cancel()
    pace.stop()
    for request in outstanding.entries.keys { server.giveUp(request) }
    outstanding = Outstanding()
    backlog = Backlog()
    output = ByteBuffer()
    account.hold(0)
    context.fireChannelInactive()
  }

  /// A broken connection is no news: the channel closes, and `channelInactive` tidies up.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // MARK: Working

  /// Whether as many requests wait, or replies for their turn, as may.
  private var isFull: Bool {
    max(outstanding.count, order.count) >= tools.rules.limits.maxInFlightPerConnection
      || order.waitingBytes + backlog.bytes >= Self.turnBytes
  }

  private var mayRead: Bool { pace.isWritable && !isFull }

  /// Whether something may be written in this turn.
  var hasRoom: Bool { pace.isWritable && output.readableBytes < Self.turnBytes }

  /// Takes lines as long as more replies may be owed.
  private func work() {
    guard !isWorking, context != nil else { return }
    isWorking = true
    defer { isWorking = false }
    let now = SystemClock.now
    // As much as the turn before took: growing by and by would copy it several times.
    if output.readableBytes == 0, lastTurn > Self.smallTurn, framer.waitingBytes > Self.smallTurn {
      output.reserveCapacity(lastTurn)
    }
    while mayRead, hasRoom {
      switch framer.next() {
      case .line(let place): take(place, now)
      case .tooLong: refuseLongLine()
      case nil:
        refuseHalfALine()
        return watchDiscarding()
      }
    }
    watchDiscarding()
  }

  /// Throws away a line that has not come whole where there is no room for the rest.
  private func refuseHalfALine() {
    guard framer.waitingBytes > Self.turnBytes, !framer.isDiscarding else { return }
    countBuffers()
    guard account.isFull else { return }
    framer.discardLine()
    refuse(BufferAccount.refusal)
  }

  private func take(_ place: Range<Int>, _ now: Moment) {
    do {
      try framer.withBytes(of: place) { bytes in
        if answersKnown(bytes, now) { return }
        try tools.parser.withDocument(padded: bytes) { root in handle(root, now) }
      }
    } catch {
      // The parser's are the only errors that come this far.
      let reason = (error as? JSONError)?.description ?? "cannot be read"
      refuse(WireError(.parseError, "the line is no JSON that promptd takes: it \(reason)"))
    }
  }

  /// Answers a line whose body has been answered from memory before; false where it must be parsed.
  private func answersKnown(_ line: UnsafeRawBufferPointer, _ now: Moment) -> Bool {
    guard let envelope = LineEnvelope(line) else { return false }
    let id = envelope.id.map { UnsafeRawBufferPointer(rebasing: line[$0]) }
    if let id, outstanding.isUnderWay(id) { return false }
    let caller = caller
    guard
      let hit = server.desk.answer(
        UnsafeRawBufferPointer(rebasing: line[envelope.body]),
        at: .init(isNested: id != nil, namespace: caller.namespace), from: caller,
        isFull: account.isFull, tools: tools, now: now)
    else { return false }
    if id != nil { sawCall = true } else { sawBare = true }
    if hit.known.streams || hit.answer.isLong || !backlog.isEmpty || !hasRoom
      || (id == nil && !order.isClear)
    {
      say(hit, to: id.map { .call(Array($0)) } ?? .bare)
    } else {
      // Nothing is waiting before it: it goes out without having been put anywhere.
      LineReplies.write(hit, id: id, tools: tools, to: &output)
    }
    return true
  }

  private func handle(_ root: JSONValue, _ now: Moment) {
    do throws(LineMessage.Fault) {
      switch try LineMessage(root) {
      case .bare(let body):
        sawBare = true
        chat(body, .bare, now)
      case .call(let id, let method, let params):
        sawCall = true
        call(id.map { Array($0.raw) }, method, params, now)
      }
    } catch {
      switch error.dialect {
      case .rpc(let id):
        sawCall = true
        say(error.error, to: .call(id: id ?? Self.nullID))
      case .unknown: refuse(error.error)
      }
    }
  }

  private static let nullID = Array("null".utf8)

  /// Answers a line that was no message, in the dialect of the connection so far.
  private func refuse(_ error: WireError) {
    if sawCall, !sawBare { return say(error, to: .call(id: Self.nullID)) }
    sawBare = true
    say(error, to: .bare(order.open()))
  }

  private func refuseLongLine() {
    refuse(
      WireError(
        .tooLarge,
        "the line is longer than max_line_bytes (\(framer.limit)); the next line is read again"))
  }

  // MARK: Turns

  /// The client says no more: what is owed is said, and that was it.
  private func finish() {
    if stage == .open { stage = .finishing }
    finishTurn()
  }

  /// Goes on with lines that waited, sends what the turn had to say, and closes at the end.
  func finishTurn() {
    var mayHaveMore = true
    // Sending may find that the client is gone: nothing is sent from then on, and nothing gets less.
    while mayHaveMore, context != nil {
      while hasRoom, let part = backlog.popFirst() { write(part) }
      work()
      let isCutShort = output.readableBytes >= Self.turnBytes || !backlog.isEmpty
      mayHaveMore = isCutShort && pace.isWritable
      flush()
    }
    guard context != nil else { return }
    if watch?.missed ?? 0 > 0, backlog.isEmpty, hasRoom {
      tellMissed()
      flush()
    }
    if !listings.isEmpty, backlog.isEmpty, pace.isWritable {
      for request in listings { server.cache.listings.goOn(request) }
      listings = []
    }
    guard let context else { return }
    countBuffers()
    if stage == .finishing, isDone { return close(context) }
    if pace.isReadWanted, mayRead {
      pace.isReadWanted = false
      context.read()
    }
  }

  /// Tells the ledger what waits here.
  func countBuffers() {
    guard let context else { return }
    let unsent = pace.isWritable ? 0 : ClientPace.waiting(in: context.channel)
    account.hold(
      framer.waitingBytes + outstanding.bodyBytes + order.waitingBytes + backlog.bytes
        + output.readableBytes + unsent)
  }

  private var isDone: Bool {
    outstanding.count == 0 && framer.waitingBytes == 0 && backlog.isEmpty
      && output.readableBytes == 0
  }

  private func flush() {
    guard let context, pace.isWritable, output.readableBytes > 0 else { return }
    // Writing may call back at once, through `channelWritabilityChanged`: what is written must be
    // out of `output` before that.
    let bytes = output
    output = ByteBuffer()
    lastTurn = bytes.readableBytes
    pace.noteSent(bytes.readableBytes)
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    pace.lookSoon(route.session, tools, context)
  }

  func watchRest() { if let context { pace.watchRest(context) } }

  /// Closes once everything before has been sent.
  private func close(_ context: ChannelHandlerContext) {
    stage = .closing
    // Before the rest: writing may close the channel at once.
    pace.watch(context)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  private func watchDiscarding() {
    guard framer.isDiscarding else {
      discardDeadline?.cancel()
      return discardDeadline = nil
    }
    guard discardDeadline == nil, let context else { return }
    discardDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.discardTime) {
      [weak self] in self?.context?.close(promise: nil)
    }
  }
}
