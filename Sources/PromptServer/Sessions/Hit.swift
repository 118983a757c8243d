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

  /// Writes `info` as an object; `end` is that of the last hit of the same loop, and becomes that of
  /// this one.
  func writeObject(to writer: inout JSONWriter, _ end: inout HitEnd) {
    guard let upstream, known.priority == nil || known.priority == priority else {
      return writer.object { info.writeMembers(to: &$0) }
    }
    // The same in one go: most replies are such.
    writer.append("{\"request\":\"")
    request.append(to: &writer.bytes)
    writer.append("\",\"cache\":\"hit\",\"key\":\"")
    writer.bytes.append(contentsOf: known.keyDigits)
    writer.append("\",\"age_s\":")
    writer.appendDigits(of: answer.age(now: now))
    end.become(upstream, caller.policy.name, priority)
    writer.bytes.append(contentsOf: end.json)
  }
}

/// What a hit's object ends in: the same from hit to hit, as long as they are for one client.
struct HitEnd {
  private var upstream = ""
  private var client = ""
  private var priority = PriorityClass.normal
  private(set) var json: [UInt8] = []

  /// That of hits of an upstream's answers, for a client in a class.
  mutating func become(_ upstream: String, _ client: String, _ priority: PriorityClass) {
    if !json.isEmpty, upstream == self.upstream, client == self.client, priority == self.priority {
      return
    }
    (self.upstream, self.client, self.priority) = (upstream, client, priority)
    var writer = JSONWriter()
    writer.append(",\"upstream\":")
    writer.appendQuoted(upstream)
    writer.append(",\"client\":")
    writer.appendQuoted(client)
    writer.append(",\"priority\":")
    writer.appendQuoted(priority.name)
    writer.append(",\"billed\":{\"prompt_tokens\":0,\"completion_tokens\":0}}")
    json = writer.bytes
  }
}
