import Dispatch
import JSON
import PromptCore
import PromptProtocol
import SQLiteStore
import Systemd

/// What people do with the cache: everybody may ask why, and administrators may look at what is
/// kept, take it out and put it in. Results come to the caller's route.
struct CacheDesk: Sendable {
  let memory: AnswerMemory
  let store: SQLiteAnswerStore
  let tiers: CacheTiers
  let listings: CacheListings
  let explainer: CacheExplainer
  let log: CallLog
  /// Where what takes long is done, off the event loops.
  private let worker = DispatchQueue(label: "promptd.cache.worker")

  init(
    memory: AnswerMemory, store: SQLiteAnswerStore, explainer: CacheExplainer, log: CallLog
  ) {
    self.memory = memory
    self.store = store
    self.explainer = explainer
    self.log = log
    tiers = CacheTiers(memory: memory, store: store)
    listings = CacheListings(tiers)
  }

  /// Begins one of the methods of the cache.
  func take(
    _ method: RPCMethod, _ params: JSONValue?, _ request: RequestID, by route: Route,
    _ caller: Caller, tools: LoopTools, now: Moment
  ) throws(WireError) {
    if method == .cacheExplain {
      let question = try explainer.question(params, caller, tools, now)
      return worker.async { [explainer] in
        explainer.answer(question) { route.send(.told($0), of: request) }
      }
    }
    guard caller.policy.admin else {
      throw WireError(.forbidden, "only administrators may use \(method.rawValue)")
    }
    switch method {
    case .cacheList, .cacheExport:
      try params.check(AnswerFilter.members)
      let filter = try AnswerFilter(params, now: now.wall)
      listings.begin(request, by: route, filter, whole: method == .cacheExport)
    case .cacheGet:
      try params.check(["key", "variant"])
      let filter = try AnswerFilter(params, now: now.wall)
      guard filter.key != nil else {
        throw WireError(.invalidParams, "cache.get needs a key, as replies tell it", param: "key")
      }
      listings.begin(request, by: route, filter, whole: true)
    case .cachePurge: try purge(params, request, by: route, caller, now)
    case .cacheImport: try takeIn(params, request, by: route, tools.rules.cache)
    case .cacheVerify:
      try params.check([])
      verify(.beginning, request, by: route, checked: 0, damaged: 0)
    default: throw WireError(.internalError, "\(method.rawValue) is no method of the cache")
    }
  }

  /// Nobody waits for a result any more.
  func forget(_ request: RequestID) { listings.forget(request) }

  // MARK: Purging

  private func purge(
    _ params: JSONValue?, _ request: RequestID, by route: Route, _ caller: Caller, _ now: Moment
  ) throws(WireError) {
    try params.check(AnswerFilter.members + ["all"])
    let filter = try AnswerFilter(params, now: now.wall)
    guard (filter == AnswerFilter()) == (params?["all"]?.bool == true) else {
      throw WireError(
        .invalidParams,
        "cache.purge needs key, variant, model, client or older_than, or else all: true")
    }
    worker.async { [self] in
      purge(filter, request, by: route, for: caller.policy.name, now)
    }
  }

  private func purge(
    _ filter: AnswerFilter, _ request: RequestID, by route: Route, for client: String,
    _ now: Moment
  ) {
    let inMemory = memory.remove(filter, now: now)
    store.remove(filter) { [log, worker, memory] result in
      // What somebody has found on disk in the meantime, before it was removed there.
      var late = filter
      late.madeBefore = min(filter.madeBefore ?? .max, now.wall + 1)
      _ = memory.remove(late, now: SystemClock.now)
      worker.async { ProcessMemory.giveBackFreed() }
      switch result {
      case .failure(let fault): route.send(.told(.failure(fault.wireError)), of: request)
      case .success(let onDisk):
        log.notePurge(memory: inMemory, disk: onDisk, by: client)
        route.send(
          .told(
            .success(
              Self.json { writer in
                writer.name("removed")
                writer.object {
                  $0.member("memory", inMemory)
                  $0.member("disk", onDisk)
                }
              })), of: request)
      }
    }
  }

  // MARK: Taking in

  private func takeIn(
    _ params: JSONValue?, _ request: RequestID, by route: Route, _ policy: CachePolicy
  ) throws(WireError) {
    try params.check(["entries"])
    guard let entries = params?["entries"], entries.kind == .array else {
      throw WireError(
        .invalidParams, "cache.import needs entries, as cache.export writes them", param: "entries")
    }
    // A line of entries may take a while to be gone through.
    let bytes = Array(entries.raw)
    worker.async {
      let (answers, refused) = read(bytes, policy)
      store.add(answers) { result in
        switch result {
        case .failure(let fault): route.send(.told(.failure(fault.wireError)), of: request)
        case .success:
          // What memory holds under the same keys is replaced too.
          let now = SystemClock.now.wall
          for answer in answers { memory.replace(CachedAnswer(answer), now: now) }
          route.send(
            .told(.success(Self.result(imported: answers.count, refused))), of: request)
        }
      }
    }
  }

  private func read(
    _ entries: [UInt8], _ policy: CachePolicy
  ) -> (taken: [StoredAnswer], refused: [(Int, String)]) {
    var taken: [StoredAnswer] = []
    var refused: [(Int, String)] = []
    do {
      try JSONParser().withDocument(of: entries) { root in
        for (index, entry) in root.elements.enumerated() {
          do throws(KeptEntry.Refusal) {
            taken.append(try KeptEntry.read(entry, policy: policy))
          } catch {
            refused.append((index, error.reason))
          }
        }
      }
    } catch {
      // They were parsed once already, within their line.
      refused.append((0, "the entries cannot be read"))
    }
    return (taken, refused)
  }

  private static func result(imported: Int, _ refused: [(Int, String)]) -> [UInt8] {
    json { writer in
      writer.member("imported", imported)
      writer.name("refused")
      writer.array { writer in
        for (index, reason) in refused {
          writer.object {
            $0.member("index", index)
            $0.member("reason", reason)
          }
        }
      }
    }
  }

  // MARK: Verifying

  private func verify(
    _ place: AnswerPage.Place, _ request: RequestID, by route: Route, checked: Int, damaged: Int
  ) {
    store.readPage(AnswerFilter(), from: place, whole: true) { result in
      switch result {
      case .failure(let fault): route.send(.told(.failure(fault.wireError)), of: request)
      case .success(let page):
        let wrong = page.entries.map(\.answer).filter { !KeptEntry.isRight($0) }
        for answer in wrong { tiers.remove(answer) }
        let checked = checked + page.entries.count + page.damaged
        let damaged = damaged + page.damaged + wrong.count
        if let next = page.next {
          return worker.async {
            verify(next, request, by: route, checked: checked, damaged: damaged)
          }
        }
        route.send(
          .told(
            .success(
              Self.json {
                $0.member("checked", checked)
                $0.member("damaged", damaged)
              })), of: request)
      }
    }
  }

  private static func json(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    return writer.bytes
  }
}
