package import JSON

/// What happened to a request: the member `promptd` of a reply, and the details of an error.
package struct ReplyInfo: Equatable, Sendable {
  package var request: RequestID?
  package var cache: CacheOutcome?
  package var key: Digest?
  /// Seconds since the answer was made.
  package var age: Int?
  /// Milliseconds in the queue, from the start of the call to its first byte, and to its last.
  package var queued: Int?
  package var firstByte: Int?
  package var upstreamTime: Int?
  package var upstream: String?
  /// How many calls were made for this answer.
  package var attempts: Int?
  package var client: String?
  package var priority: PriorityClass?
  /// The class that was asked for, where less was granted.
  package var askedPriority: PriorityClass?
  /// What usage is told apart by; who asked knows it, so no reply says it.
  package var label: String?
  /// Tokens that this request cost now.
  package var billed: Billed?
  /// Seconds after which to try again.
  package var retryAfter: Double?
  /// The upstream's status and error body, where it sent one.
  package var status: Int?
  /// JSON: the upstream's own error.
  package var body: [UInt8]?
  /// JSON: as much of the completion as came.
  package var partial: [UInt8]?

  /// Tokens, as the upstream counts them, and what they cost.
  package struct Billed: Equatable, Sendable {
    package var prompt: Int
    package var completion: Int
    /// In the currency of the prices; nil where the model has no price, or nothing was to be paid.
    package var cost: Double?

    package init(prompt: Int, completion: Int, cost: Double? = nil) {
      self.prompt = prompt
      self.completion = completion
      self.cost = cost
    }
  }

  package init() {}

  /// Writes the members that are known, into an object that the caller has opened; `body` and
  /// `partial`, which may be long, can be left out.
  package func writeMembers(to writer: inout JSONWriter, withBodies: Bool = true) {
    if let request {
      writer.name("request")
      writer.plainString { request.append(to: &$0) }
    }
    if let cache { writer.member("cache", cache.rawValue) }
    if let key {
      writer.name("key")
      writer.plainString { key.appendHex(to: &$0) }
    }
    if let age { writer.member("age_s", age) }
    if let queued { writer.member("queued_ms", queued) }
    if let firstByte { writer.member("first_byte_ms", firstByte) }
    if let upstreamTime { writer.member("upstream_ms", upstreamTime) }
    if let upstream { writer.member("upstream", upstream) }
    if let attempts { writer.member("attempts", attempts) }
    if let client { writer.member("client", client) }
    if let priority { writer.member("priority", priority.name) }
    if let askedPriority { writer.member("priority_asked", askedPriority.name) }
    if let billed {
      writer.name("billed")
      writer.object {
        $0.member("prompt_tokens", billed.prompt)
        $0.member("completion_tokens", billed.completion)
        if let cost = billed.cost { $0.member("cost", cost) }
      }
    }
    if let retryAfter { writer.member("retry_after", retryAfter) }
    if let status { writer.member("status", status) }
    if withBodies { writeBodies(to: &writer) }
  }

  private func writeBodies(to writer: inout JSONWriter) {
    if let body {
      writer.name("body")
      writer.raw(body)
    }
    if let partial {
      writer.name("partial")
      writer.raw(partial)
    }
  }
}
