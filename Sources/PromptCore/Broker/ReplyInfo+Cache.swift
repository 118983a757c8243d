package import PromptProtocol

extension ReplyInfo {
  /// What is known of a request however it ends.
  package static func known(
    _ request: RequestID, key: Digest, client: String, priority: PriorityClass,
    asked: PriorityClass?, label: String?
  ) -> ReplyInfo {
    var info = ReplyInfo()
    info.request = request
    info.key = key
    info.client = client
    info.priority = priority
    info.label = label
    if let asked, asked != priority { info.askedPriority = asked }
    return info
  }

  /// What a reply says of an answer that was kept before, `stale` where it stands in for an upstream
  /// that failed; `upstream` made it, `now` is in milliseconds since 1970.
  package static func hit(
    _ answer: CachedAnswer, of known: ReplyInfo, isStale: Bool = false, upstream: String?,
    now: Int64
  ) -> ReplyInfo {
    var info = known
    info.cache = isStale ? .stale : .hit
    info.age = answer.age(now: now)
    info.upstream = upstream
    info.billed = .init(prompt: 0, completion: 0)
    return info
  }
}
