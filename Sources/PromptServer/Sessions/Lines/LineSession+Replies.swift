import JSON
import NIOCore
import PromptCore
import PromptProtocol
import Systemd

/// How replies of the line dialect get to where they belong.
extension LineSession {
  func received(_ delivery: Delivery, of request: RequestID) {
    guard let form = outstanding.form(of: request) else { return }
    switch delivery {
    case .began: break  // a line has no head
    case .chunks(let chunks):
      outstanding.noteChunks(of: request)
      for chunk in chunks {
        guard !isOverrun(by: request, withBytes: chunk.json.count) else { return }
        say(.chunk(chunk, id: form.id), to: form, isLast: false)
      }
    case .event(let event): tell(event, form)
    case .reply(let reply):
      let bytes = reply.bytes
      guard !isOverrun(by: request, withBytes: bytes) else { return }
      end(request, with: reply)
      countBuffers(after: bytes)
    case .entries(let entries):
      for entry in entries { tell(entry, form) }
      listings.insert(request)
    case .logged(let entry): tell(entry, form)
    case .told(let result):
      var bytes = 0
      if case .success(let json) = result { bytes = json.count }
      if bytes > Self.smallResult, isOverrun(by: request, withBytes: bytes) { return }
      end(request, with: result)
      countBuffers(after: bytes)
    }
  }

  /// More bytes than it takes to say that something was done, which is said at any rate.
  private static let smallResult = 1 << 10

  /// Counts what is long at once: before this turn ends, others are sent something too.
  private func countBuffers(after bytes: Int) { if bytes > Self.turnBytes { countBuffers() } }

  /// Tells of an entry of the log, or counts it as missed where the client has not read what came
  /// before.
  private func tell(_ entry: LoggedEntry, _ form: ReplyForm) {
    guard let id = form.id, LogWatch.shows(entry, to: caller.policy) else { return }
    guard backlog.isEmpty, hasRoom else {
      watch?.miss()
      return
    }
    tellMissed()
    var bytes = ByteBuffer()
    LineReplies.write(entry: entry.json, id: id, to: &bytes, as: .logged)
    put(.bytes(bytes))
  }

  /// Tells how many entries were missed, if any were.
  func tellMissed() {
    guard let request = watch?.request, let id = outstanding.form(of: request)?.id,
      let missed = watch?.takeMissed(), missed > 0
    else { return }
    var bytes = ByteBuffer()
    LineReplies.write(missed: missed, id: id, to: &bytes)
    put(.bytes(bytes))
  }

  /// Gives a request up for whose reply there is no room. Readers who keep up are not met by it, unless
  /// what comes is so long that it waits at any rate.
  private func isOverrun(by request: RequestID, withBytes bytes: Int) -> Bool {
    guard bytes > Self.turnBytes || !backlog.isEmpty || order.waitingBytes > Self.turnBytes else {
      return false
    }
    countBuffers()
    guard account.isFull else { return false }
    server.giveUp(request)
    var error = BufferAccount.refusal
    error.info.request = request
    end(request, with: .failure(error))
    return true
  }

  private func end(_ request: RequestID, with reply: ChatReply) {
    guard let entry = outstanding.remove(request) else { return }
    switch reply {
    case .failure(let error): say(error, to: entry.form)
    case .answer(let answer, let info):
      server.desk.count(answer, info, to: caller, tools)
      say(
        answer, info, to: entry.form, splits: entry.wants.streams && !entry.hasStreamed,
        includesUsage: entry.wants.includesUsage)
    }
  }

  private func end(_ request: RequestID, with result: Result<[UInt8], WireError>) {
    if watch?.request == request {
      tellMissed()
      watch = nil
    }
    guard let entry = outstanding.remove(request) else { return }
    switch result {
    case .failure(let error): say(error, to: entry.form)
    case .success(let json): say(result: json, to: entry.form)
    }
  }

  /// Says the result of a method other than `chat`.
  func say(result json: [UInt8], to form: ReplyForm) {
    guard let id = form.id else { return }
    var bytes = ByteBuffer()
    LineReplies.write(result: json, id: id, to: &bytes)
    put(.bytes(bytes))
  }

  /// Bare lines are answered by their replies alone: news comes to calls.
  private func tell(_ event: ChatEvent, _ form: ReplyForm) {
    guard let id = form.id else { return }
    var bytes = ByteBuffer()
    LineReplies.write(event, id: id, to: &bytes)
    put(.bytes(bytes))
  }

  /// Tells of a kept entry.
  private func tell(_ entry: [UInt8], _ form: ReplyForm) {
    guard let id = form.id else { return }
    var bytes = ByteBuffer()
    LineReplies.write(entry: entry, id: id, to: &bytes, as: .kept)
    put(.bytes(bytes))
  }

  /// Says a whole answer in its place.
  func say(
    _ answer: CachedAnswer, _ info: ReplyInfo, to form: ReplyForm, splits: Bool, includesUsage: Bool
  ) {
    let answerForm = AnswerForm(id: form.id, splits: splits, includesUsage: includesUsage)
    say(.answer(answer, info, answerForm), to: form, isLast: true)
  }

  /// Says an error in its place.
  func say(_ error: WireError, to form: ReplyForm) {
    note(error)
    var bytes = ByteBuffer()
    LineReplies.write(error, id: form.id, to: &bytes)
    say(.bytes(bytes), to: form, isLast: true)
  }

  private func say(_ part: ReplyPart, to form: ReplyForm, isLast: Bool) {
    switch form {
    case .bare(let ticket): order.add(part, to: ticket, complete: isLast) { put($0) }
    case .call: put(part)
    case .silent: break
    }
  }

  /// Writes a part, or keeps it until there is room.
  func put(_ part: ReplyPart) {
    if backlog.isEmpty, hasRoom { write(part) } else { backlog.append(part) }
  }

  /// Writes a part into what this turn has to say.
  func write(_ part: ReplyPart) {
    switch part {
    case .bytes(var bytes): output.writeBuffer(&bytes)
    case .chunk(let chunk, let id): LineReplies.write(chunk: chunk.json, id: id, to: &output)
    case .answer(let answer, let info, let form):
      if answer.isLong { unfold(answer, info, form) } else { write(answer, info, form) }
    case .piece(let bytes): output.writeBytes(bytes)
    case .end: break  // a line ends itself
    }
  }

  /// Writes a whole answer, in chunks before that where a stream is wanted and none has come.
  func write(_ answer: CachedAnswer, _ info: ReplyInfo, _ form: AnswerForm) {
    if form.splits {
      do {
        try LineReplies.writeChunks(
          of: answer, includingUsage: form.includesUsage, id: form.id,
          parser: tools.answerParser, to: &output)
      } catch {
        // It was parsed before it was kept, so this is a bug of ours.
        return LineReplies.write(.unsplittable(info), id: form.id, to: &output)
      }
    }
    LineReplies.write(answer, info, id: form.id, writer: &tools.writer, to: &output)
  }

  /// Has the parts of a long answer go out next.
  private func unfold(_ answer: CachedAnswer, _ info: ReplyInfo, _ form: AnswerForm) {
    do {
      var parts: [ReplyPart] = []
      if form.splits {
        parts = try tools.answerParser.withDocument(of: answer.completion) {
          ChunkSplitter.chunks(
            of: $0, boundaries: answer.boundaries, includingUsage: form.includesUsage)
        }.map { .chunk(AnswerChunk(json: $0), id: form.id) }
      }
      backlog.prepend(
        parts + LineReplies.parts(of: answer, info, id: form.id, writer: &tools.writer))
    } catch {
      LineReplies.write(.unsplittable(info), id: form.id, to: &output)
    }
  }

  /// Counts an error that goes out.
  func note(_ error: WireError) {
    server.desk.countError(of: caller)
    server.refusals.note(
      error.name, client: caller.policy.name, uid: caller.owner.uid, now: SystemClock.now)
  }
}

extension WireError {
  /// A kept answer does not parse any more.
  static func unsplittable(_ info: ReplyInfo) -> WireError {
    WireError(
      .internalError, "the kept answer cannot be split into chunks; ask with cache refresh",
      info: info)
  }
}
