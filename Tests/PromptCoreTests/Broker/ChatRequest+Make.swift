import JSON
import PromptCore
import PromptProtocol

extension RequestID {
  /// A number that is the same in each run and unlike that of the ids around it, 0 ..< 65,536.
  var scattered: Int { description.utf8.reduce(7) { ($0 * 31 + Int($1)) & 0xFFFF } }

  /// The id with this number.
  static func number(_ number: UInt64) -> RequestID {
    RequestID(milliseconds: 0, random: (0, number))
  }

  /// The number of one that was made from it.
  var number: UInt64 {
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    return description.suffix(12).reduce(0) { number, digit in
      number * 32 + UInt64(digits.firstIndex(of: digit) ?? 0)
    }
  }
}

extension CacheKeys {
  /// The keys of the question with this number.
  static func number(_ number: UInt64) -> CacheKeys {
    CacheKeys(
      key: Digest(words: (number, 0, 0, 1)), variant: Digest(words: (number, 0, 0, 2)))
  }
}

extension Moment {
  /// So many milliseconds after some start, on both clocks.
  static func at(_ milliseconds: Int64) -> Moment {
    Moment(
      monotonic: MonotonicTime(nanoseconds: milliseconds * 1_000_000), wall: milliseconds)
  }
}

extension CallFault {
  /// A fault of this kind, as its call would have reported it; with a `pause` in seconds that the
  /// upstream wants.
  static func make(_ kind: Kind, pause: Double? = nil) -> CallFault {
    let name: ErrorName =
      switch kind {
      case .connect, .untrusted, .reset: .upstreamUnreachable
      case .cut: .streamInterrupted
      case .stalled: .deadlineExceeded
      case .status, .strange: .upstreamError
      case .tooLarge: .tooLarge
      case .own: .internalError
      }
    var error = WireError(name, "gone")
    if case .status(let status) = kind { error.info.status = status }
    error.info.retryAfter = pause
    return CallFault(kind, error)
  }
}

extension StorageRule {
  /// What a body with these members allows to keep.
  static func make(_ members: String = "") throws -> StorageRule {
    let text = #"{"model":"m","messages":[{"role":"user","content":"hi"}]\#(members)}"#
    return try JSONParser().withDocument(of: text.utf8) { StorageRule(try ChatBody($0).root) }
  }
}

extension ChatRequest {
  /// The request with this number, which asks a question of its own unless it is told which.
  static func make(
    _ number: UInt64, asks question: UInt64? = nil, model: String = "m",
    client: String = "alice", priority: PriorityClass = .normal, control: CacheControl = .use,
    options: RequestOptions = RequestOptions(), streams: Bool = false,
    includesUsage: Bool = false,
    size: RequestSize = RequestSize(promptTokens: 50, maxTokens: 50),
    account: ClientID = ClientID(rawValue: 0), mayBeKept: Bool = true, at milliseconds: Int64 = 0,
    arrived: Moment? = nil
  ) throws -> ChatRequest {
    ChatRequest(
      id: .number(number), keys: .number(question ?? number), model: model, client: client,
      asker: Asker(), account: account, priority: priority, control: control, options: options,
      streams: streams,
      includesUsage: includesUsage, body: Array("body \(number)".utf8), size: size,
      storage: try .make(), canonical: nil, mayBeKept: mayBeKept,
      arrived: arrived ?? .at(milliseconds))
  }
}
