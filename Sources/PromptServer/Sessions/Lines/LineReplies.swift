import JSON
import NIOCore
import PromptCore
import PromptProtocol

/// Writes replies in the two forms of the line dialect. Everything ends with a line break.
enum LineReplies {
  /// An answer with what happened to the request: the stored bytes go out as they are.
  static func write(
    _ answer: CachedAnswer, _ info: ReplyInfo, id: [UInt8]?, writer: inout JSONWriter,
    to output: inout ByteBuffer
  ) {
    writer.clear()
    writer.object { info.writeMembers(to: &$0) }
    write(answer, told: writer.bytes, id: id, to: &output)
  }

  /// The same in parts, for a long answer.
  static func parts(
    of answer: CachedAnswer, _ info: ReplyInfo, id: [UInt8]?, writer: inout JSONWriter
  ) -> [ReplyPart] {
    writer.clear()
    writer.object { info.writeMembers(to: &$0) }
    var (start, end) = (ByteBuffer(), ByteBuffer())
    open(id, to: &start)
    close(writer.bytes, id, to: &end)
    return [.bytes(start)] + ReplyPart.pieces(of: answer.completion.dropLast()) + [.bytes(end)]
  }

  /// A hit; `id` as the client wrote it, nil for a bare line.
  static func write(
    _ hit: Hit, id: UnsafeRawBufferPointer?, tools: LoopTools, to output: inout ByteBuffer
  ) {
    tools.writer.clear()
    hit.writeObject(to: &tools.writer, &tools.hitEnd)
    write(hit.answer, told: tools.writer.bytes, id: id, to: &output)
  }

  private static func write(
    _ answer: CachedAnswer, told: [UInt8], id: (some Collection<UInt8>)?,
    to output: inout ByteBuffer
  ) {
    output.reserveCapacity(
      minimumWritableBytes: answer.completion.count + told.count + (id?.count ?? 0) + 64)
    open(id, to: &output)
    output.writeBytes(answer.completion.dropLast())
    close(told, id, to: &output)
  }

  /// What goes before a completion; nothing for a bare line.
  private static func open(_ id: (some Collection<UInt8>)?, to output: inout ByteBuffer) {
    guard let id else { return }
    output.writeStaticString(#"{"jsonrpc":"2.0","id":"#)
    output.writeBytes(id)
    output.writeStaticString(#","result":"#)
  }

  /// What goes behind a completion, which is one compact object: in place of its last byte, the brace.
  private static func close(
    _ told: [UInt8], _ id: (some Collection<UInt8>)?, to output: inout ByteBuffer
  ) {
    output.writeStaticString(",\"promptd\":")
    output.writeBytes(told)
    output.writeStaticString(id == nil ? "}\n" : "}}\n")
  }

  /// The result of a method other than `chat`, as JSON.
  static func write(result: [UInt8], id: [UInt8], to output: inout ByteBuffer) {
    open(id, to: &output)
    output.writeBytes(result)
    output.writeStaticString("}\n")
  }

  /// An error; without an id as a bare line. The id of a line that had none is `null`.
  static func write(_ error: WireError, id: [UInt8]?, to output: inout ByteBuffer) {
    var writer = JSONWriter()
    if let id {
      writer.object {
        $0.member("jsonrpc", "2.0")
        $0.name("id")
        $0.raw(id)
        $0.name("error")
        error.writeRPC(to: &$0)
      }
    } else {
      error.writeBare(to: &writer)
    }
    output.writeBytes(writer.bytes)
    output.writeStaticString("\n")
  }

  /// One chunk of a stream.
  static func write(chunk: [UInt8], id: [UInt8]?, to output: inout ByteBuffer) {
    if let id {
      output.writeStaticString(#"{"jsonrpc":"2.0","method":"chat.chunk","params":{"id":"#)
      output.writeBytes(id)
      output.writeStaticString(#","chunk":"#)
    }
    output.writeBytes(chunk)
    output.writeStaticString(id == nil ? "\n" : "}}\n")
  }

  /// News of a call.
  static func write(_ event: ChatEvent, id: [UInt8], to output: inout ByteBuffer) {
    var writer = JSONWriter()
    writer.object {
      $0.member("jsonrpc", "2.0")
      $0.member("method", "chat.event")
      $0.name("params")
      $0.object {
        $0.name("id")
        $0.raw(id)
        event.writeMembers(to: &$0)
      }
    }
    output.writeBytes(writer.bytes)
    output.writeStaticString("\n")
  }

  /// Where an entry stands.
  enum EntryKind {
    /// In the cache.
    case kept
    /// In the log.
    case logged
  }

  /// One entry, as JSON.
  static func write(
    entry: [UInt8], id: [UInt8], to output: inout ByteBuffer, as kind: EntryKind
  ) {
    switch kind {
    case .kept:
      output.writeStaticString(#"{"jsonrpc":"2.0","method":"cache.entry","params":{"id":"#)
      output.writeBytes(id)
    case .logged: openEvent(id, to: &output)
    }
    output.writeStaticString(#","entry":"#)
    output.writeBytes(entry)
    output.writeStaticString("}}\n")
  }

  /// How many entries of the log were dropped that a watcher did not read.
  static func write(missed: Int, id: [UInt8], to output: inout ByteBuffer) {
    openEvent(id, to: &output)
    output.writeString(#","missed":\#(missed)}}"# + "\n")
  }

  private static func openEvent(_ id: [UInt8], to output: inout ByteBuffer) {
    output.writeStaticString(#"{"jsonrpc":"2.0","method":"event","params":{"id":"#)
    output.writeBytes(id)
    output.writeStaticString(#","topic":"log""#)
  }

  /// The chunks of a kept answer, for a caller who reads a stream.
  static func writeChunks(
    of answer: CachedAnswer, includingUsage: Bool, id: [UInt8]?, parser: JSONParser,
    to output: inout ByteBuffer
  ) throws {
    let chunks = try parser.withDocument(of: answer.completion) {
      ChunkSplitter.chunks(
        of: $0, boundaries: answer.boundaries, includingUsage: includingUsage)
    }
    for chunk in chunks { write(chunk: chunk, id: id, to: &output) }
  }
}
