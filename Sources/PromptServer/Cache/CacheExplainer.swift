import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

/// Says what the cache would do with a request, and why.
struct CacheExplainer: Sendable {
  /// What is asked, taken from a body.
  struct Question: Sendable {
    var keys: CacheKeys
    var control: CacheControl
    var asked: CacheControl
    var maxAge: Double?
    var model: String
    var canonicalKey: [UInt8]
    var canonicalVariant: [UInt8]
    var rules: ServingRules
    /// Whether entries of other keys may be named.
    var isAdmin: Bool
    var now: Moment
  }

  /// What was found.
  private struct Finding {
    var answer: CachedAnswer
    var tier: String
  }

  let broker: Broker
  let memory: AnswerMemory
  let store: SQLiteAnswerStore

  /// Reads the question; throws for a body that would be refused.
  func question(
    _ params: JSONValue?, _ caller: Caller, _ tools: LoopTools, _ now: Moment
  ) throws(WireError) -> Question {
    guard let params else {
      throw WireError(.invalidParams, "params is missing: it is the API's body")
    }
    let body = try ChatBody(params, rules: tools.rules.body, defaults: RequestOptions())
    try caller.checkModel(of: body)
    let keys = try tools.keyMaker.keys(for: body, namespace: caller.namespace)
    return Question(
      keys: keys,
      control: tools.rules.cache.control(body.options.cache, isSeeded: body.seed != nil),
      asked: body.options.cache, maxAge: body.options.maxAge, model: body.model.string ?? "",
      canonicalKey: tools.keyMaker.canonicalKey,
      canonicalVariant: tools.keyMaker.canonicalVariant, rules: tools.rules,
      isAdmin: caller.policy.admin, now: now)
  }

  /// Answers it; `completion` runs exactly once, on another thread.
  func answer(
    _ question: Question,
    completion: @escaping @Sendable (Result<[UInt8], WireError>) -> Void
  ) {
    if let answer = memory.peek(question.keys) {
      return completion(.success(json(question, Finding(answer: answer, tier: "memory"), nil)))
    }
    store.read(key: question.keys.key, variant: question.keys.variant) { stored in
      guard let stored else { return lookAround(question, completion) }
      let finding = Finding(answer: CachedAnswer(stored), tier: "disk")
      completion(.success(json(question, finding, nil)))
    }
  }

  /// There is no entry: looks for the one that comes nearest.
  private func lookAround(
    _ question: Question,
    _ completion: @escaping @Sendable (Result<[UInt8], WireError>) -> Void
  ) {
    var filter = AnswerFilter()
    filter.key = DigestRange(hexPrefix: question.keys.key.hex)
    store.readPage(filter, from: .beginning, whole: true) { result in
      let entries = Self.entries(result)
      if !entries.isEmpty || !question.isAdmin {
        return completion(.success(json(question, nil, nearest(question, entries))))
      }
      store.readRecent(model: question.model) { result in
        completion(.success(json(question, nil, nearest(question, Self.entries(result)))))
      }
    }
  }

  /// A disk that fails holds nothing, here as for a request.
  private static func entries(_ result: Result<AnswerPage, StoreFault>) -> [StoredAnswer] {
    switch result {
    case .success(let page): page.entries.map(\.answer)
    case .failure: []
    }
  }

  // MARK: Nearest

  private func nearest(
    _ question: Question, _ entries: [StoredAnswer]
  ) -> (answer: StoredAnswer, differs: [String])? {
    let own = KeyMaker.kept(key: question.canonicalKey, variant: question.canonicalVariant)
    guard let asked = Self.tree(own) else { return nil }
    return entries.lazy.compactMap { entry in
      entry.request.flatMap(Self.tree).map { (entry, RequestDifference.paths(asked, $0)) }
    }.min { $0.1.count < $1.1.count }
  }

  private static func tree(_ bytes: [UInt8]) -> JSONTree? {
    do { return try JSONTree(parsing: bytes) } catch { return nil }
  }

  // MARK: Saying

  private func json(
    _ question: Question, _ finding: Finding?, _ nearest: (answer: StoredAnswer, differs: [String])?
  ) -> [UInt8] {
    let (outcome, why) = verdict(question, finding?.answer)
    let now = question.now.wall
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("outcome", outcome)
      writer.member("why", why)
      writer.member("key", question.keys.key.hex)
      writer.member("variant", question.keys.variant.hex)
      writer.member("canonical_key", String(decoding: question.canonicalKey, as: UTF8.self))
      writer.member("canonical_variant", String(decoding: question.canonicalVariant, as: UTF8.self))
      writer.member("stored", finding != nil)
      if let finding {
        writer.member("tier", finding.tier)
        writer.member("age_s", finding.answer.age(now: now))
        writer.member("expires_in_s", Self.seconds(from: now, to: finding.answer.expires))
      }
      if let nearest {
        writer.name("nearest")
        writer.object { writer in
          writer.member("key", nearest.answer.key.hex)
          writer.member("variant", nearest.answer.variant.hex)
          writer.member("model", nearest.answer.model)
          writer.member("client", nearest.answer.client)
          writer.member("age_s", CachedAnswer(nearest.answer).age(now: now))
          writer.name("differs")
          writer.array { for path in nearest.differs { $0.string(path) } }
        }
      }
    }
    return writer.bytes
  }

  private static func seconds(from now: Int64, to time: Int64) -> Int {
    let (difference, overflows) = time.subtractingReportingOverflow(now)
    return overflows ? Int.max / 1000 : Int(difference / 1000)
  }

  /// What `promptd.cache` would be, and why.
  private func verdict(_ question: Question, _ answer: CachedAnswer?) -> (String, String) {
    switch question.control {
    case .refresh: return ("refreshed", "the request asks for a new answer (cache: refresh)")
    case .bypass:
      return (
        "bypassed",
        question.asked == .bypass
          ? "the request keeps out of the cache (cache: bypass)"
          : "the request has no seed, and cache.unseeded is false"
      )
    case .use, .only: break
    }
    if let answer, let fault = fault(of: answer, question) {
      return missed(question, fault)
    }
    if answer != nil { return ("hit", "there is an entry with this key and this variant") }
    return missed(question, "there is no entry with this key and this variant")
  }

  /// Why an entry is not served; nil when it is.
  private func fault(of answer: CachedAnswer, _ question: Question) -> String? {
    let now = question.now.wall
    if !question.rules.origins.serve(answer) {
      return "the entry was made by \(answer.origin), and no upstream there serves the model now"
    }
    if answer.serves(question.control, maxAge: question.maxAge, now: now) { return nil }
    if answer.serves(question.control, maxAge: nil, now: now) {
      return "the entry is \(answer.age(now: now)) s old, and max_age allows less"
    }
    let grace = question.rules.cache.staleIfError.components.seconds * 1000
    let stands = answer.standsIn(maxAge: question.maxAge, grace: grace, now: now)
    return "the entry has expired"
      + (stands ? "; it is served if the upstream fails (cache.stale_if_error)" : "")
  }

  private func missed(_ question: Question, _ why: String) -> (String, String) {
    if question.control == .only {
      let cause =
        question.rules.cache.mode == .replay
        ? "cache.mode is replay" : "the request asks only the cache"
      return ("not_cached", "\(why), and \(cause)")
    }
    if broker.look({ $0.canBeJoined(question.keys) }) {
      return ("joined", "\(why), but the same request is under way")
    }
    if !question.rules.origins.serve(model: question.model) {
      return ("no_upstream", "\(why), and no upstream serves the model")
    }
    return ("miss", why)
  }
}
