import JSON
import NIOCore
import PromptCore
import PromptProtocol

/// One connection that speaks lines, in both dialects.
///
/// It goes from open to finishing, when the client has said all, and from both to closed. All of
/// it runs on the connection's event loop.
final class LineSession: ChannelDuplexHandler, ReplyReceiver {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let server: SessionServices
  let caller: Caller
  let route: Route
  let tools: LoopTools

  var outstanding = Outstanding()
  var order = ReplyOrder()
  /// What this turn has to say.
  var output = ByteBuffer()
  private var context: ChannelHandlerContext?
  private var framer: LineFramer
  private var flow = FlowControl()
  private var discardDeadline: Scheduled<Void>?
  private var isWorking = false
  private var isFinishing = false
  /// What the lines so far were: a line that cannot be understood is answered in their dialect.
  private var sawBare = false
  private var sawCall = false

  /// Bytes of replies that are made at a time, about: more lines are taken once these are on their
  /// way.
  private static let turnBytes = 256 << 10
  /// How long the rest of a line that is too long may take.
  private static let discardTime = TimeAmount.seconds(10)

  init(_ server: SessionServices, caller: Caller, route: Route, tools: LoopTools) {
    self.server = server
    self.caller = caller
    self.route = route
    self.tools = tools
    framer = LineFramer(limit: server.limits.maxLineBytes)
  }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    tools.sessions[route.session] = self
    caller.record.connected()
  }

  func handlerRemoved(context: ChannelHandlerContext) { caller.record.disconnected() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    framer.add(unwrapInboundIn(data))
    work()
  }

  func channelReadComplete(context: ChannelHandlerContext) { finishTurn() }

  func read(context: ChannelHandlerContext) {
    if mayRead { context.read() } else { flow.isReadWanted = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    flow.isWritable = context.channel.isWritable
    if flow.isWritable { finishTurn() } else { watchProgress(context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      framer.end()
      isFinishing = true
      finishTurn()
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// The client is gone: nothing that it alone waited for goes on.
  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    tools.sessions[route.session] = nil
    discardDeadline?.cancel()
    flow.deadline?.cancel()
    for request in outstanding.entries.keys { server.broker.giveUp(request) }
    outstanding = Outstanding()
    context.fireChannelInactive()
  }

  /// A broken connection is no news: the channel closes, and `channelInactive` tidies up.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // MARK: Working

  /// Whether as many requests wait, or replies for their turn, as may.
  private var isFull: Bool {
    max(outstanding.count, order.count) >= server.limits.maxInFlightPerConnection
      || order.waitingBytes >= Self.turnBytes
  }

  private var mayRead: Bool { flow.isWritable && !isFull }

  /// Takes lines as long as more replies may be owed.
  private func work() {
    guard !isWorking, context != nil else { return }
    isWorking = true
    defer { isWorking = false }
    let now = SystemClock.now
    while mayRead, output.readableBytes < Self.turnBytes, let frame = framer.next() {
      switch frame {
      case .line(let place): take(place, now)
      case .tooLong: refuseLongLine()
      }
    }
    watchDiscarding()
  }

  private func take(_ place: Range<Int>, _ now: Moment) {
    do {
      try framer.withBytes(of: place) { bytes in
        try tools.parser.withDocument(padded: bytes) { root in handle(root, now) }
      }
    } catch {
      // The parser's are the only errors that come this far.
      let reason = (error as? JSONError)?.description ?? "cannot be read"
      refuse(WireError(.parseError, "the line is no JSON that promptd takes: it \(reason)"))
    }
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
        note(error.error)
        LineReplies.write(error.error, id: id ?? Self.nullID, to: &output)
      case .unknown: refuse(error.error)
      }
    }
  }

  private static let nullID = Array("null".utf8)

  /// Answers a line that was no message, in the dialect of the connection so far.
  private func refuse(_ error: WireError) {
    note(error)
    if sawCall, !sawBare {
      LineReplies.write(error, id: Self.nullID, to: &output)
    } else {
      sawBare = true
      var bytes = ByteBuffer()
      LineReplies.write(error, id: nil, to: &bytes)
      sayBare(bytes)
    }
  }

  /// Counts an error that goes out.
  func note(_ error: WireError) {
    caller.record.countError()
    server.refusals.note(
      error.name, client: caller.policy.name, uid: caller.identity.uid, now: SystemClock.now)
  }

  private func refuseLongLine() {
    refuse(
      WireError(
        .tooLarge,
        "the line is longer than max_line_bytes (\(framer.limit)); the next line is read again"))
  }

  // MARK: Saying

  /// Writes the whole reply to a bare line whose turn may not have come.
  func sayBare(_ bytes: ByteBuffer) {
    if order.isClear {
      var bytes = bytes
      output.writeBuffer(&bytes)
    } else {
      order.add(bytes, to: order.open(), complete: true, output: &output)
    }
  }

  func received(_ chunk: AnswerChunk, of request: RequestID) {
    guard let form = outstanding.noteChunk(of: request) else { return }
    switch form {
    case .bare(let ticket):
      var bytes = ByteBuffer()
      LineReplies.write(chunk: chunk.json, id: nil, to: &bytes)
      order.add(bytes, to: ticket, complete: false, output: &output)
    case .call(let id): LineReplies.write(chunk: chunk.json, id: id, to: &output)
    case .silent: break
    }
  }

  func received(_ reply: ChatReply, to request: RequestID) {
    guard let entry = outstanding.remove(request) else { return }
    var bytes = ByteBuffer()
    switch entry.form {
    case .bare(let ticket):
      write(reply, entry, id: nil, to: &bytes)
      order.add(bytes, to: ticket, complete: true, output: &output)
    case .call(let id): write(reply, entry, id: id, to: &output)
    case .silent: break
    }
  }

  private func write(
    _ reply: ChatReply, _ entry: Outstanding.Entry, id: [UInt8]?, to output: inout ByteBuffer
  ) {
    switch reply {
    case .failure(let error):
      note(error)
      LineReplies.write(error, id: id, to: &output)
    case .answer(let answer, let info):
      if info.cache == .hit { caller.record.countLaterHit() }
      write(
        answer, info, splits: entry.streams && !entry.hasStreamed,
        includingUsage: entry.includesUsage, id: id, to: &output)
    }
  }

  /// Writes a whole answer, in chunks before that where a stream is wanted and none has come.
  func write(
    _ answer: CachedAnswer, _ info: ReplyInfo, splits: Bool, includingUsage: Bool, id: [UInt8]?,
    to output: inout ByteBuffer
  ) {
    if splits {
      do {
        try LineReplies.writeChunks(
          of: answer, includingUsage: includingUsage, id: id, parser: tools.answerParser,
          to: &output)
      } catch {
        // It was parsed before it was kept, so this is a bug of ours.
        let fault = WireError(
          .internalError, "the kept answer cannot be split into chunks; ask with cache refresh",
          info: info)
        return LineReplies.write(fault, id: id, to: &output)
      }
    }
    LineReplies.write(answer, info, id: id, writer: &tools.writer, to: &output)
  }

  /// Goes on with lines that waited, sends what the turn had to say, and closes at the end.
  func finishTurn() {
    var mayHaveMore = true
    while mayHaveMore {
      work()
      mayHaveMore = output.readableBytes >= Self.turnBytes
      flush()
    }
    guard let context else { return }
    if isFinishing, outstanding.count == 0, framer.waitingBytes == 0 { close(context) }
    if flow.isReadWanted, mayRead {
      flow.isReadWanted = false
      context.read()
    }
  }

  private func flush() {
    guard let context, output.readableBytes > 0 else { return }
    // Writing may call back at once, through `channelWritabilityChanged`: what is written must be
    // out of `output` before that.
    let bytes = output
    output = ByteBuffer()
    flow.sent += bytes.readableBytes
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }

  /// Closes once everything before has been sent.
  private func close(_ context: ChannelHandlerContext) {
    isFinishing = false
    watchProgress(context)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  // MARK: Time

  /// Drops the client if it takes nothing for as long as `write_timeout`.
  private func watchProgress(_ context: ChannelHandlerContext) {
    guard flow.deadline == nil else { return }
    let taken = flow.sent - FlowControl.waiting(in: context.channel)
    flow.deadline = context.eventLoop.assumeIsolated().scheduleTask(
      in: server.limits.writeTimeout
    ) { [weak self] in
      guard let self, let context = self.context else { return }
      self.flow.deadline = nil
      let waiting = FlowControl.waiting(in: context.channel)
      if waiting == 0 { return }
      if self.flow.sent - waiting == taken { return context.close(promise: nil) }
      self.watchProgress(context)
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
