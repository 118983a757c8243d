import PromptProtocol

/// Where the reply to a request goes within its connection.
enum ReplyForm {
  case bare(ReplyOrder.Ticket)
  /// The id as the client wrote it.
  case call(id: [UInt8])
  /// A notification: nobody is answered.
  case silent
}

/// The requests of one connection that are not answered yet.
struct Outstanding {
  /// One of them.
  struct Entry {
    var form: ReplyForm
    var streams: Bool
    var includesUsage: Bool
    /// Chunks have gone out, so that the answer must not be split into chunks once more.
    var hasStreamed = false
  }

  private(set) var entries: [RequestID: Entry] = [:]
  private var calls: [[UInt8]: RequestID] = [:]

  var count: Int { entries.count }

  /// Whether a call with this id waits.
  func isUnderWay(_ id: [UInt8]) -> Bool { !calls.isEmpty && calls[id] != nil }

  /// The request of the call with this id; nil when it does not wait.
  func request(of id: [UInt8]) -> RequestID? { calls[id] }

  mutating func add(_ request: RequestID, _ entry: Entry) {
    entries[request] = entry
    if case .call(let id) = entry.form { calls[id] = request }
  }

  /// Notes that a chunk goes out and returns where to; nil when the request does not wait.
  mutating func noteChunk(of request: RequestID) -> ReplyForm? {
    entries[request]?.hasStreamed = true
    return entries[request]?.form
  }

  mutating func remove(_ request: RequestID) -> Entry? {
    guard let entry = entries.removeValue(forKey: request) else { return nil }
    if case .call(let id) = entry.form { calls[id] = nil }
    return entry
  }
}
