import JSON
import NIOCore
import PromptCore
import PromptProtocol
import SQLiteStore

/// Puts jobs to the queue as their clients would, and gives back what comes of them. All of it runs
/// on one event loop.
final class JobRunner: ReplyReceiver {
  /// The session of all jobs; those of connections count from 1.
  static let session = SessionID(rawValue: 0)

  private let desk: ChatDesk
  private let keeper: JobKeeper
  private let clients: ClientRegistry
  private let mailbox: LoopMailbox
  private let tools: LoopTools
  private var jobs: [RequestID: (id: String, caller: Caller)] = [:]
  /// By owner and client, under the rules of a number.
  private var callers: [String: (caller: Caller, rules: Int)] = [:]

  init(
    _ desk: ChatDesk, keeper: JobKeeper, clients: ClientRegistry, mailbox: LoopMailbox,
    tools: LoopTools
  ) {
    self.desk = desk
    self.keeper = keeper
    self.clients = clients
    self.mailbox = mailbox
    self.tools = tools
  }

  /// Puts a job to the queue.
  func start(_ job: JobRow) {
    guard let owner = Owner(namespace: job.owner) else {
      return end(job.id, WireError(.internalError, "the job's owner cannot be read"))
    }
    let route = Route(mailbox: mailbox, session: Self.session, owner: owner)
    guard let caller = caller(owner, job) else {
      return end(
        job.id, WireError(.forbidden, "there is no [[client]] \(job.client) any more"))
    }
    do {
      try tools.parser.withDocument(of: job.body) { root in
        try put(root, of: job, caller, route)
      }
    } catch let error as WireError {
      refused(job.id, error)
    } catch {
      end(job.id, WireError(.internalError, "the job's body cannot be read any more"))
    }
  }

  private func put(
    _ root: JSONValue, of job: JobRow, _ caller: Caller, _ route: Route
  ) throws(WireError) {
    var defaults = RequestOptions()
    defaults.priority = PriorityClass(rawValue: job.priority)
    // Jobs wait without limit.
    defaults.maxWait = RequestOptions.longestSeconds
    switch try desk.take(
      root, from: caller, by: route, isFull: false, defaults: defaults, isJob: true, tools: tools,
      now: SystemClock.now)
    {
    case .hit(let hit): end(job.id, hit.answer, hit.info)
    case .asked(let request, _):
      jobs[request] = (job.id, caller)
      keeper.began(job.id, as: request)
    }
  }

  /// A job goes by the rules that are in force for whoever submitted it; nil where a token's client has
  /// none any more.
  private func caller(_ owner: Owner, _ job: JobRow) -> Caller? {
    let rules = tools.rules
    let key = "\(job.owner)/\(job.client)/\(job.identity ?? "")"
    if let known = callers[key], known.rules == rules.number { return known.caller }
    let identity = job.identity.flatMap(IdentityText.identity)
    let policy =
      identity.map { rules.clients.policy(for: $0) } ?? rules.clients.policy(named: job.client)
    guard let policy else { return nil }
    let caller = Caller(
      owner, policy, identity: identity, rules: rules.number, clients: clients,
      broker: keeper.broker)
    if callers.count >= Self.mostCallers { callers = [:] }
    callers[key] = (caller, rules.number)
    return caller
  }

  /// Callers that are kept from job to job.
  private static let mostCallers = 1000

  // MARK: What comes

  func rulesChanged() { callers = [:] }

  func received(_ delivery: Delivery, of request: RequestID) {
    guard let (job, caller) = jobs[request] else { return }
    switch delivery {
    case .event(.started): keeper.running(job)
    case .chunks(let chunks): keeper.waiters.came(chunks, of: job)
    case .reply(let reply):
      jobs[request] = nil
      switch reply {
      case .answer(let answer, let info):
        desk.count(answer, info, to: caller, tools)
        end(job, answer, info)
      case .failure(let error): refused(job, error)
      }
    case .began, .event, .entries, .logged, .told: break
    }
  }

  func finishTurn() {}

  func watchRest() {}

  private func end(_ job: String, _ answer: CachedAnswer, _ info: ReplyInfo) {
    var bytes = ByteBuffer()
    LineReplies.write(answer, info, id: nil, writer: &tools.writer, to: &bytes)
    keeper.came(.ended(.done, Array(bytes.readableBytesView.dropLast())), of: job)
  }

  /// What another moment may mend is tried again then.
  private func refused(_ job: String, _ error: WireError) {
    switch error.name {
    case .shuttingDown: keeper.came(.left, of: job)
    case .queueFull, .budgetExceeded:
      keeper.came(.postponed(seconds: error.info.retryAfter ?? 5), of: job)
    default: end(job, error)
    }
  }

  private func end(_ job: String, _ error: WireError) {
    var writer = JSONWriter()
    error.writeBare(to: &writer)
    keeper.came(.ended(error.name == .cancelled ? .cancelled : .failed, writer.bytes), of: job)
  }
}
