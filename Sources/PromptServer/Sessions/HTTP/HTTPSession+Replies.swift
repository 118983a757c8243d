import JSON
import NIOCore
import NIOHTTP1
import PromptCore
import PromptProtocol

/// How requests over HTTP are answered.
extension HTTPSession {
  // MARK: Beginning

  /// All of a request has come.
  func begin(_ exchange: HTTPExchange) {
    state = .replying(exchange)
    if let fault = exchange.fault {
      note(fault.error)
      return tell(fault)
    }
    guard exchange.head.method != .OPTIONS else { return tellOptions(exchange) }
    switch exchange.target {
    case .chat: chat(exchange)
    case .models:
      ask(exchange) { server.models.ask($0, by: route, models: exchange.caller.models, now: $1) }
    case .health: tellHealth()
    case .metrics:
      say(server.reports.metrics(now: SystemClock.now), type: ReportType.openMetrics)
    case nil: tell(HTTPFault(status: 404, "nothing is served here"))
    }
  }

  private func chat(_ exchange: HTTPExchange) {
    exchange.body.reserveCapacity(minimumWritableBytes: JSONParser.padding)
    do throws(WireError) {
      let verdict = try take(exchange)
      switch verdict {
      case .hit(let hit):
        exchange.wants = ChatDesk.Form(hit.known)
        state = .replying(exchange)
        if !exchange.isRepeatable || !says(hit) { say(.answer(hit.answer, hit.info)) }
      case .asked(let request, let wants):
        exchange.request = request
        exchange.wants = wants
        // The broker has a copy of its own, which waits as long as this request does.
        exchange.bodyBytes = exchange.body.readableBytes
        exchange.body = ByteBuffer()
        state = .replying(exchange)
      }
    } catch {
      note(error)
      tell(HTTPFault(error))
    }
  }

  private func take(_ exchange: HTTPExchange) throws(WireError) -> ChatDesk.Verdict {
    let result = exchange.body.withUnsafeReadableBytes {
      bytes -> Result<ChatDesk.Verdict, WireError> in
      let now = SystemClock.now
      // What headers ask for is no part of the body.
      let place: BodyMemo.Place? =
        exchange.options == RequestOptions()
        ? .init(isNested: false, namespace: exchange.caller.namespace) : nil
      if let place, !exchange.isKnownNew,
        let hit = server.desk.answer(
          bytes, at: place, from: exchange.caller, isFull: account.isFull, tools: tools, now: now)
      {
        return .success(.hit(hit))
      }
      do {
        return .success(
          try tools.parser.withDocument(padded: bytes) { root in
            try server.desk.take(
              root, from: exchange.caller, by: route, isFull: account.isFull,
              defaults: exchange.options, noted: place, tools: tools, now: now)
          })
      } catch let error as WireError {
        return .failure(error)
      } catch {
        let reason = (error as? JSONError)?.description ?? "cannot be read"
        return .failure(
          WireError(.parseError, "the body is no JSON that promptd takes: it \(reason)"))
      }
    }
    return try result.get()
  }

  /// Asks for something that comes through the mailbox.
  private func ask(_ exchange: HTTPExchange, _ body: (RequestID, Moment) -> Void) {
    let now = SystemClock.now
    let request = tools.nextRequestID(now)
    exchange.request = request
    state = .replying(exchange)
    body(request, now)
  }

  // MARK: What the broker says

  func received(_ delivery: Delivery, of request: RequestID) {
    guard case .replying(let exchange) = state, exchange.request == request else { return }
    switch delivery {
    case .began(let info): beginStream(info)
    case .chunks(let chunks):
      for chunk in chunks {
        if isOverrun(withBytes: chunk.json.count) {
          server.giveUp(request)
          return refuse(request)
        }
        if let held = exchange.held { put(.chunk(held, id: nil)) }
        exchange.held = chunk.mayBeLast ? chunk : nil
        if !chunk.mayBeLast { put(.chunk(chunk, id: nil)) }
      }
      state = .replying(exchange)
    case .event, .entries, .logged: break  // nobody can be told before the head
    case .reply(let reply):
      // Of a stream only the end is missing.
      let bytes = exchange.hasBegun ? 0 : reply.bytes
      if bytes > ReplyPart.pieceBytes, isOverrun(withBytes: bytes) { return refuse(request) }
      if case .answer(let answer, let info) = reply {
        server.desk.count(answer, info, to: exchange.caller, tools)
      }
      say(reply)
      // At once: before this turn ends, others are sent something too.
      if bytes > ReplyPart.pieceBytes { countBuffers() }
    case .told(.success(let json)): say(json, type: ReportType.json)
    case .told(.failure(let error)):
      note(error)
      tell(HTTPFault(error))
    }
  }

  /// Whether there is no room for what comes. Clients who keep up are not met by it, unless that is so
  /// long that it waits at any rate.
  private func isOverrun(withBytes bytes: Int) -> Bool {
    guard bytes > ReplyPart.pieceBytes || !backlog.isEmpty else { return false }
    countBuffers()
    return account.isFull
  }

  /// Tells that there is no room for the reply.
  private func refuse(_ request: RequestID) {
    var error = BufferAccount.refusal
    error.info.request = request
    say(.failure(error))
  }

  // MARK: Saying

  private func beginStream(_ info: ReplyInfo) {
    guard case .replying(let exchange) = state else { return }
    exchange.hasBegun = true
    state = .replying(exchange)
    var headers = HTTPReplies.headers(of: info, writer: &tools.writer)
    headers.add(name: "Content-Type", value: "text/event-stream; charset=utf-8")
    headers.add(name: "Cache-Control", value: "no-store")
    writeHead(.ok, headers)
  }

  /// Writes the head of a reply, in the version that was asked in, saying what becomes of the
  /// connection where that is not what the version says by itself.
  private func writeHead(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
    guard case .replying(let exchange) = state else { return }
    var headers = headers
    let isOld = exchange.head.version == .http1_0
    if exchange.keepsAlive == isOld {
      headers.add(name: "Connection", value: isOld ? "keep-alive" : "close")
    }
    write(
      .head(
        HTTPResponseHead(
          version: isOld ? .http1_0 : .http1_1, status: status, headers: headers)))
  }

  func say(_ reply: ChatReply) {
    guard case .replying(let exchange) = state else { return }
    // What is still on its way for this request comes too late.
    exchange.request = nil
    state = .replying(exchange)
    switch reply {
    case .failure(let error):
      note(error)
      guard exchange.hasBegun else { return tell(HTTPFault(error)) }
      if let held = exchange.held { put(.chunk(held, id: nil)) }
      end(with: HTTPReplies.event(error))
    case .answer(let answer, let info):
      if exchange.hasBegun {
        end(with: HTTPReplies.lastEvent(exchange.held?.json, info, writer: &tools.writer))
      } else if exchange.wants.streams {
        stream(answer, info, includingUsage: exchange.wants.includesUsage)
      } else {
        sayWhole(answer, info)
      }
    }
  }

  private func sayWhole(_ answer: CachedAnswer, _ info: ReplyInfo) {
    var headers = HTTPReplies.headers(of: info, writer: &tools.writer)
    headers.add(name: "Content-Type", value: ReportType.json)
    headers.add(name: "Content-Length", value: String(answer.completion.count))
    writeHead(.ok, headers)
    for piece in ReplyPart.pieces(of: answer.completion[...]) { put(piece) }
    put(.end)
  }

  /// Says a hit as one piece of bytes, the same that the encoder makes of its parts, to a request that
  /// is repeatable: most replies are hits. False where the reply is of another kind.
  func says(_ hit: Hit) -> Bool {
    guard !hit.known.streams, !hit.answer.isLong, intake != nil,
      let bytes = HTTPReplies.whole(hit, writer: &tools.writer, &tools.hitEnd)
    else { return false }
    write(whole: bytes)
    return true
  }

  /// Streams an answer that came whole, or was kept.
  private func stream(_ answer: CachedAnswer, _ info: ReplyInfo, includingUsage: Bool) {
    do {
      let chunks = try tools.answerParser.withDocument(of: answer.completion) {
        ChunkSplitter.chunks(
          of: $0, boundaries: answer.boundaries, includingUsage: includingUsage)
      }
      beginStream(info)
      for chunk in chunks.dropLast() { put(.chunk(AnswerChunk(json: chunk), id: nil)) }
      end(with: HTTPReplies.lastEvent(chunks.last, info, writer: &tools.writer))
    } catch {
      tell(HTTPFault(.unsplittable(info)))
    }
  }

  /// Ends a stream with these bytes.
  private func end(with bytes: ByteBuffer) {
    put(.bytes(bytes))
    put(.end)
  }

  /// Writes a part of a stream, or keeps it until there is room.
  private func put(_ part: ReplyPart) {
    if backlog.isEmpty, pace.isWritable { write(part) } else { backlog.append(part) }
  }

  /// Writes what waited, as far as there is room.
  func drain() {
    while pace.isWritable, let part = backlog.popFirst() { write(part) }
  }

  private func write(_ part: ReplyPart) {
    switch part {
    case .bytes(let bytes): write(.body(.byteBuffer(bytes)))
    case .chunk(let chunk, _): write(.body(.byteBuffer(HTTPReplies.event(chunk.json))))
    case .piece(let bytes): write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    case .answer: break  // goes out in pieces
    case .end: if case .replying(let exchange) = state { ended(exchange) }
    }
  }

  /// Tells an error in place of an answer.
  private func tell(_ fault: HTTPFault) {
    let (headers, body) = HTTPReplies.error(fault, writer: &tools.writer)
    say(ByteBuffer(bytes: body), status: fault.status, type: nil, headers: headers)
  }

  private func tellOptions(_ exchange: HTTPExchange) {
    let allowed = exchange.target?.allowed ?? "GET, HEAD, POST, OPTIONS"
    say(ByteBuffer(), status: 204, type: nil, headers: ["Allow": allowed])
  }

  private func tellHealth() {
    let health = server.reports.health()
    say(
      ByteBuffer(bytes: health.json), status: health.isServing ? 200 : 503,
      type: ReportType.json)
  }

  private func say(_ bytes: [UInt8], type: String) {
    say(ByteBuffer(bytes: bytes), status: 200, type: type)
  }

  private func say(
    _ body: ByteBuffer, status: Int, type: String?, headers: HTTPHeaders = HTTPHeaders()
  ) {
    guard case .replying(let exchange) = state else { return }
    var headers = headers
    if let type { headers.add(name: "Content-Type", value: type) }
    // 204 has no body, and so no length of one (RFC 9110 section 8.6).
    if status != 204 { headers.add(name: "Content-Length", value: String(body.readableBytes)) }
    writeHead(HTTPResponseStatus(statusCode: status), headers)
    if !exchange.isHeadOnly, body.readableBytes > 0 { write(.body(.byteBuffer(body))) }
    ended(exchange)
  }

  /// Counts an error that goes out; nobody is known to have caused it before the head has come.
  func note(_ error: WireError, by caller: Caller?) {
    if let caller { server.desk.countError(of: caller) }
    server.refusals.note(
      error.name, client: caller?.policy.name, uid: caller?.owner.uid ?? route.owner.uid,
      now: SystemClock.now)
  }

  private func note(_ error: WireError) {
    if case .replying(let exchange) = state { note(error, by: exchange.caller) }
  }
}

/// Content types of what is no completion.
enum ReportType {
  static let json = "application/json"
  static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
}
