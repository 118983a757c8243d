import JSON
import PromptCore
import PromptProtocol

/// An answer from memory on its way out: what its reply says is written from here without being put
/// together first.
struct Hit {
  let answer: CachedAnswer
  let known: KnownBody
  let caller: Caller
  let request: RequestID
  /// The class that was granted.
  let priority: PriorityClass
  /// Who made the answer; nil when it is configured no more.
  let upstream: String?
  /// Milliseconds since 1970.
  let now: Int64

  /// What its reply says.
  var info: ReplyInfo {
    let about = ReplyInfo.known(
      request, key: known.keys.key, client: caller.policy.name, priority: priority,
      asked: known.priority, label: known.label)
    return .hit(answer, of: about, upstream: upstream, now: now)
  }

  /// Writes `info` as an object.
  func writeObject(to writer: inout JSONWriter) {
    guard let upstream, known.priority == nil || known.priority == priority else {
      return writer.object { info.writeMembers(to: &$0) }
    }
    // The same in one go: most replies are such.
    let client = caller.policy.name
    writer.bytes.reserveCapacity(Self.longest + upstream.utf8.count + client.utf8.count)
    writer.append("{\"request\":\"")
    request.append(to: &writer.bytes)
    writer.append("\",\"cache\":\"hit\",\"key\":\"")
    known.keys.key.appendHex(to: &writer.bytes)
    writer.append("\",\"age_s\":")
    writer.appendDigits(of: answer.age(now: now))
    writer.append(",\"upstream\":")
    writer.appendQuoted(upstream)
    writer.append(",\"client\":")
    writer.appendQuoted(client)
    writer.append(",\"priority\":")
    writer.appendQuoted(priority.name)
    writer.append(",\"billed\":{\"prompt_tokens\":0,\"completion_tokens\":0}}")
  }

  /// Bytes of such an object without the names, about.
  private static let longest = 320
}
