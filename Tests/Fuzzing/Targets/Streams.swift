import JSON
import NIOCore
import PromptCore
import PromptProtocol
import PromptServer

/// However lines are cut, they are the same lines; and what an envelope is taken for, it is.
func fuzzLines(_ input: [UInt8]) throws(Broken) {
  var recipe = Recipe(input[...])
  var text: [UInt8] = []
  if recipe.byte() >= 0x80 {
    for _ in 0...recipe.number(below: 3) {
      (recipe.byte() < 128 ? Shape.call : .body).write(&recipe, to: &text)
      text += recipe.choice(of: ["\n", "\r\n", "", "\n\n", " \n"]).utf8
    }
  } else {
    text = recipe.bytes() + Array(input.dropFirst())
  }
  let limit = 32 + recipe.number(below: 256) * 8
  let whole = frames([text], limit: limit)
  try mustHold(
    frames(recipe.pieces(of: text), limit: limit) == whole, "lines depend on their pieces")
  let plain = plainLines(of: text, limit: limit)
  try mustHold(whole == plain, "lines of \(limit) are \(whole) and not \(plain)")
  for case let line? in whole { try fuzzLine(line) }
}

/// The lines, with nil for one that is too long.
private func frames(_ pieces: [[UInt8]], limit: Int) -> [[UInt8]?] {
  var framer = LineFramer(limit: limit)
  var lines: [[UInt8]?] = []
  func take() {
    while let frame = framer.next() {
      switch frame {
      case .line(let range): lines.append(framer.withBytes(of: range) { Array($0) })
      case .tooLong: lines.append(nil)
      }
    }
  }
  for piece in pieces {
    framer.add(ByteBuffer(bytes: piece))
    take()
  }
  framer.end()
  take()
  return lines
}

private func plainLines(of text: [UInt8], limit: Int) -> [[UInt8]?] {
  func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
  var lines: [[UInt8]?] = []
  for line in text.split(separator: UInt8(ascii: "\n")) {
    var rest = line.drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    if line.count > limit {
      lines.append(nil)
    } else if !rest.isEmpty {
      lines.append(Array(rest))
    }
  }
  return lines
}

private func fuzzLine(_ line: [UInt8]) throws(Broken) {
  let envelope = line.withUnsafeBytes(LineEnvelope.init)
  let isCall = envelope?.id != nil
  var isKnownBody = false
  if isCall, let body = envelope?.body, body.count < 512 {
    do {
      isKnownBody = try Parsers.withDocument(of: Array(line[body])) { $0.kind == .object }
    } catch {}
  }
  do {
    try Parsers.withDocument(of: line) { root in
      guard case .call(let id, let method, let params) = try LineMessage(root) else {
        return try mustHold(!isKnownBody, "a call is taken for a bare body")
      }
      guard isKnownBody, let envelope, let place = envelope.id else { return }
      try mustHold(
        method == "chat" && id.map { Array($0.raw) } == Array(line[place])
          && params.map { Array($0.raw) } == Array(line[envelope.body]),
        "an envelope holds something else")
    }
  } catch let broken as Broken {
    throw broken
  } catch {
    try mustHold(!isKnownBody, "an envelope is no message: \(error)")
  }
}

/// However a stream is cut, it has the same events.
func fuzzEvents(_ input: [UInt8]) throws(Broken) {
  var recipe = Recipe(input.prefix(input.count / 2))
  let text = Array(input.dropFirst(input.count / 2))
  var whole = EventStreamParser()
  var cut = EventStreamParser()
  let events = whole.add(text)
  try mustHold(
    recipe.pieces(of: text).flatMap { cut.add($0) } == events, "events depend on their pieces")
  try mustHold(!events.contains(where: \.isEmpty), "an event is empty")
}

/// However an answer is cut, it is the same; and what is complete can be streamed to somebody else.
func fuzzAnswer(_ input: [UInt8]) throws(Broken) {
  var recipe = Recipe(input[...])
  let streams = recipe.byte() < 192
  let status = recipe.choice(of: [200, 200, 200, 200, 200, 429, 500, 204])
  var text: [UInt8] = []
  if recipe.byte() < 64 {
    text = Array(input.dropFirst(3))
  } else if streams {
    for _ in 0..<recipe.number(below: 6) {
      text += recipe.choice(of: ["data: ", "data:", ": x\ndata: ", "event: e\r\ndata: "]).utf8
      Shape.chunk.write(&recipe, to: &text)
      text += recipe.choice(of: ["\n\n", "\r\n\r\n", "\r\r", "\n"]).utf8
    }
    text +=
      recipe.choice(of: ["data: [DONE]\n\n", "data: [DONE]", "", "data: {\"error\":1}\n\n"]).utf8
  } else {
    Shape.completion.write(&recipe, to: &text)
  }
  let (chunks, outcome) = answer([text], status, streams)
  let (cutChunks, cutOutcome) = answer(recipe.pieces(of: text), status, streams)
  try mustHold(outcome == cutOutcome, "an outcome depends on its pieces")
  try mustHold(chunks == cutChunks, "chunks depend on their pieces")
  for chunk in chunks { try mustBeObject(chunk, "a chunk") }
  if case .completed(let completed) = outcome { try fuzzCompleted(completed) }
}

private func answer(
  _ pieces: [[UInt8]], _ status: Int, _ streams: Bool
) -> (chunks: [[UInt8]], outcome: AnswerOutcome) {
  Parsers.borrow { parser in
    var chunks: [AnswerChunk] = []
    var reader = AnswerReader(
      .init(streams: streams, storage: anyAnswer, key: APIKey("sk-made-up-0123456789")))
    reader.responded(
      status: status, contentType: streams ? "text/event-stream; charset=utf-8" : "application/json"
    )
    for piece in pieces { chunks += reader.received(piece, parser: parser) }
    chunks += reader.finish(parser: parser)
    return (chunks.map(\.json), reader.ended(failure: nil, parser: parser))
  }
}

/// What a body that asks for nothing special lets be kept.
private let anyAnswer: StorageRule = {
  do {
    return try Parsers.withDocument(of: Array("{}".utf8), StorageRule.init)
  } catch {
    fatalError("{} is JSON")
  }
}()

private func fuzzCompleted(_ answer: CompletedAnswer) throws(Broken) {
  try mustBeObject(answer.completion, "a completion")
  do {
    try Parsers.withDocument(of: answer.completion) { root in
      let pieces = ChunkSplitter.chunks(
        of: root, boundaries: answer.boundaries, includingUsage: true)
      var assembly = ChunkAssembly()
      for piece in pieces {
        try mustBeObject(piece, "a piece")
        try Parsers.withDocument(of: piece) { assembly.add($0) }
      }
      try mustBeObject(assembly.completion, "what was put together")
    }
  } catch let broken as Broken {
    throw broken
  } catch {
    throw Broken("an answer cannot be split: \(error)")
  }
}

private func mustBeObject(_ bytes: [UInt8], _ what: String) throws(Broken) {
  do {
    let isObject = try Parsers.withDocument(of: bytes) { $0.kind == .object }
    try mustHold(isObject && !bytes.contains(UInt8(ascii: "\n")), "\(what) is no line of JSON")
  } catch let broken as Broken {
    throw broken
  } catch {
    throw Broken("\(what) is no JSON: \(error)")
  }
}
