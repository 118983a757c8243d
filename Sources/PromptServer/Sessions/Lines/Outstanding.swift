import PromptProtocol

/// Where the reply to a request goes within its connection.
enum ReplyForm {
  case bare(ReplyOrder.Ticket)
  /// The id as the client wrote it.
  case call(id: [UInt8])
  /// A notification: nobody is answered.
  case silent

  /// The id of a call.
  var id: [UInt8]? {
    switch self {
    case .call(let id): id
    case .bare, .silent: nil
    }
  }
}

/// The requests of one connection that are not answered yet.
struct Outstanding {
  /// One of them.
  struct Entry {
    var form: ReplyForm
    var wants = ChatDesk.Form(streams: false, includesUsage: false)
    /// Bytes of its body, which waits with it.
    var bodyBytes = 0
    /// Chunks have gone out, so that the answer must not be split into chunks once more.
    var hasStreamed = false
  }

  private(set) var entries: [RequestID: Entry] = [:]
  /// Bytes of all bodies.
  private(set) var bodyBytes = 0
  private var calls: [[UInt8]: RequestID] = [:]

  var count: Int { entries.count }

  /// Whether a call with this id waits.
  func isUnderWay(_ id: some Collection<UInt8>) -> Bool {
    !calls.isEmpty && calls[Array(id)] != nil
  }

  /// The request of the call with this id; nil when it does not wait.
  func request(of id: [UInt8]) -> RequestID? { calls[id] }

  /// Where the reply to a request goes; nil when it does not wait.
  func form(of request: RequestID) -> ReplyForm? { entries[request]?.form }

  mutating func add(_ request: RequestID, _ entry: Entry) {
    entries[request] = entry
    bodyBytes += entry.bodyBytes
    if case .call(let id) = entry.form { calls[id] = request }
  }

  /// Notes that chunks go out.
  mutating func noteChunks(of request: RequestID) { entries[request]?.hasStreamed = true }

  mutating func remove(_ request: RequestID) -> Entry? {
    guard let entry = entries.removeValue(forKey: request) else { return nil }
    bodyBytes -= entry.bodyBytes
    if case .call(let id) = entry.form { calls[id] = nil }
    return entry
  }
}
