import Dispatch
import Logging
import NIOCore
import NIOPosix
import PromptConfiguration
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization
import Systemd

/// Everything that is open while promptd serves, in the order in which it is opened.
final class DaemonParts: Sendable {
  let reports: Reports
  let reloader: Reloader
  private let daemon: Daemon
  private let group: MultiThreadedEventLoopGroup
  private let threads: NIOThreadPool
  private let calls: UpstreamCalls
  private let broker: Broker
  private let store: SQLiteAnswerStore
  private let state: StateDatabase
  private let usage: UsageKeeper
  private let listener: Listener
  private let activityLog: ActivityLog
  private let watches: WatchDesk
  private let jobs: JobKeeper
  private let fallenIdle: IdleWatch
  private let watchdog: Watchdog?
  private let doors = Mutex<Doors>(Doors())
  private let fail: @Sendable (Daemon.Ending) -> Void

  /// What lets connections in.
  private struct Doors {
    /// The Unix socket of promptd's own; nil where systemd handed one over.
    var socket: ListeningSocket?
    /// The listener at a loopback address of its own.
    var loopback: (any Channel)?
    var channels: [any Channel] = []
  }

  /// Two loops at least, so that one long parse does not hold up everybody.
  private static var loopCount: Int { max(2, System.coreCount) }
  /// Where freed memory is given back. One of libdispatch's own would wake up every second from then on.
  private static let givingBack = DispatchQueue(label: "promptd.memory", qos: .utility)

  /// Makes all the parts; nothing is listened to before `open`.
  init(_ daemon: Daemon, fail: @escaping @Sendable (Daemon.Ending) -> Void) async throws {
    self.daemon = daemon
    self.fail = fail
    let configuration = daemon.configuration
    group = MultiThreadedEventLoopGroup(numberOfThreads: Self.loopCount)
    threads = NIOThreadPool(numberOfThreads: 1)
    threads.start()
    let timer = group.next()
    let log = CallLog(daemon.logger)
    store = SQLiteAnswerStore(
      file: configuration.cache.file, diskLimit: configuration.cache.policy.disk,
      keepRequests: configuration.cache.policy.keepRequests,
      grace: configuration.cache.policy.staleIfError.components.seconds,
      isReplay: configuration.cache.policy.mode == .replay,
      canBeRead: { KeptEntry.canBeShown($0) },
      conditions: { log.note($0) })
    let memory = AnswerMemory(limit: configuration.cache.policy.memory)
    let limits = ConnectionLimits(configuration, descriptors: ProcessLimits.descriptors)
    log.note(limits)
    let gate = ConnectionGate(limits)
    let clients = ClientRegistry()
    let buffers = BufferLedger(limit: configuration.listen.maxBuffered)
    let upstreams = configuration.upstreams.map(Upstream.init)
    state = StateDatabase(file: configuration.state.file)
    let books = (0..<Self.loopCount).map { _ in AnswerBook() }
    let usageHealth = StoreHealth { log.note(usageFault: $0) }
    let jobHealth = StoreHealth { log.note(jobFault: $0) }
    usage = UsageKeeper(SQLiteUsageStore(state), books: books, health: usageHealth)
    let day = SystemClock.day(at: SystemClock.now.wall)
    let underWay = BrokerState(
      lanes: upstreams.map {
        Lane(policy: $0.policy, origin: $0.origin, ageStep: configuration.queue.ageStep)
      },
      rules: .init(configuration), day: day, spent: usage.spent(on: day),
      seed: .random(in: 0...(.max)))
    usage.writeSoon()
    let changes = ChangeRelay()
    let times = CallTimesKeeper()
    calls = try UpstreamCalls(upstreams)
    broker = Broker(
      underWay, calls: calls, memory: memory, store: store, timer: timer,
      counted: { [usage] record in
        times.note(record)
        usage.note(record)
      },
      noted: { log.note($0) },
      upstreamChanged: { log.note($0, $1) },
      changed: { changes.changed() })
    let models = ModelDirectory(upstreams.map(\.policy), calls: calls)
    calls.listen(
      flights: { [weak broker] flight, news in broker?.happened(news, in: flight) },
      models: { [weak models] lane, result in models?.fetched(lane: lane, result) },
      turned: { [weak broker] in broker?.turned() })
    reports = Reports(
      socket: configuration.listen.socket, diskLimit: configuration.cache.policy.disk,
      broker: broker, memory: memory, store: store, usage: usage,
      files: [("usage", usageHealth), ("jobs", jobHealth)], times: times, clients: clients,
      gate: gate, buffers: buffers, droppedLogEntries: { [log = daemon.log] in log?.dropped ?? 0 },
      started: SystemClock.now)
    let statusLine = Throttle(on: timer, pause: .seconds(1)) {
      [reports, notifier = daemon.notifier] in notifier.status(reports.line())
    }
    activityLog = ActivityLog(daemon.logger) { [reports] in reports.activity() }
    let activity = Throttle(on: timer, pause: .minutes(1)) { [activityLog, usage] in
      activityLog.tell()
      usage.writeSoon()
      Self.givingBack.async { ProcessMemory.giveBackFreed() }
    }
    fallenIdle = IdleWatch(broker)
    let rules = ServingRules(
      configuration, number: 0, logLevel: configuration.log.level, origins: broker.look(\.origins),
      clients: clients, broker: broker)
    let mailboxes = zip(group.makeIterator(), books).map { loop, book in
      var generator = SystemRandomNumberGenerator()
      let tools = LoopTools(
        rules, book: book, memoLimit: configuration.cache.policy.memory / 4 / Self.loopCount,
        seed: (generator.next(), generator.next()))
      return LoopMailbox(eventLoop: loop, tools: tools)
    }
    reloader = Reloader(
      daemon,
      .init(
        broker: broker, models: models, store: store, gate: gate, clients: clients,
        mailboxes: mailboxes)
    ) { [reports] in reports.line() }
    let refusals = RefusalLog(daemon.logger)
    watches = WatchDesk(daemon.log)
    let first = mailboxes[0]
    jobs = JobKeeper(
      SQLiteJobStore(state), broker: broker, keep: configuration.state.keepJobs,
      health: jobHealth,
      start: { job in
        first.eventLoop.execute {
          (first.tools.value.sessions[JobRunner.session] as? JobRunner)?.start(job)
        }
      })
    let desk = ChatDesk(broker: broker, memory: memory, log: log, activity: activity)
    try await first.eventLoop.submit { [jobs] in
      let tools = first.tools.value
      tools.sessions[JobRunner.session] = JobRunner(
        desk, keeper: jobs, clients: clients, mailbox: first, tools: tools)
    }.get()
    let services = SessionServices(
      broker: broker, desk: desk,
      queue: QueueDesk(broker: broker, log: log),
      cache: CacheDesk(
        memory: memory, store: store,
        explainer: CacheExplainer(broker: broker, memory: memory, store: store), log: log),
      jobs: JobDesk(keeper: jobs), usage: UsageDesk(keeper: usage), reports: reports,
      models: models, refusals: refusals,
      buffers: buffers, reloader: reloader,
      watches: watches)
    listener = Listener(
      services, identification: Identification(threads: threads), clients: clients, gate: gate,
      refusals: refusals, mailboxes: mailboxes, changed: { changes.changed() })
    watchdog = daemon.notifier.watchdogInterval.map { [notifier = daemon.notifier, group, calls] in
      Watchdog(
        group.makeIterator().map { .init($0) } + [.init(calls)], timer: timer, interval: $0
      ) { notifier.feedWatchdog() }
    }
    let isListened = daemon.notifier.isListened
    changes.listen { [fallenIdle, calls, fail] in
      if isListened { statusLine.ask() }
      fallenIdle.check()
      if let fault = calls.fault { fail(.failed(fault)) }
    }
  }

  /// Listens: on what systemd handed over, and for what it did not, on sockets of its own.
  func open() async throws {
    jobs.open()
    let inherited = daemon.inherited
    let listen = daemon.configuration.listen
    var descriptors = inherited.filter { $0.kind == .unix }.map(\.descriptor)
    if descriptors.isEmpty {
      let socket = try ListeningSocket(path: listen.socket, mode: listen.mode, group: listen.group)
      doors.withLock { $0.socket = socket }
      descriptors = [try socket.takeDescriptor()]
    }
    for descriptor in descriptors {
      let channel = try await listener.accept(on: descriptor, group: group)
      doors.withLock { $0.channels.append(channel) }
    }
    let loopback = inherited.filter { $0.kind == .loopback }
    for socket in loopback {
      let channel = try await listener.acceptStrangers(on: socket.descriptor, group: group)
      doors.withLock { $0.channels.append(channel) }
    }
    if loopback.isEmpty, let address = listen.http {
      let channel = try await listener.acceptStrangers(at: address, group: group)
      doors.withLock { $0.loopback = channel }
    }
  }

  /// Takes no more connections and requests, and lets what runs finish for as long as `limit`. Every
  /// request that came is answered, if only by `shutting_down`.
  func drain(for limit: Duration) async {
    let (channels, loopback, socket) = doors.withLock { ($0.channels, $0.loopback, $0.socket) }
    if let loopback { await Self.close(loopback) }
    if let socket {
      // No more can come, and the next promptd may have the path. Whoever is waiting is let in.
      socket.close()
      for channel in channels { await listener.acceptAll(on: channel, group) }
    }
    // Whoever waits on a socket of systemd's is for the next start.
    for channel in channels { await Listener.stopAccepting(on: channel) }
    await listener.finishAccepting(group)
    broker.stop()
    await fallenIdle.wait(atMost: limit)
    broker.abandon()
    watches.stop()
    jobs.stop()
    await listener.closeSessions()
    activityLog.tell()
  }

  /// Closes everything, the last opened first.
  func close() async {
    let (channels, loopback, socket) = doors.withLock { ($0.channels, $0.loopback, $0.socket) }
    for channel in channels + (loopback.map { [$0] } ?? []) { await Self.close(channel) }
    socket?.close()
    calls.stop()
    store.close()
    // What came of jobs until now is on its way to the keeper.
    await listener.finishAccepting(group)
    jobs.close()
    usage.close()
    state.close()
    await watchdog?.stop()
    do {
      try await threads.shutdownGracefully()
      try await group.shutdownGracefully()
    } catch {
      daemon.logger.log(.error, "threads did not end", [.error: "\(error)"])
    }
  }

  private static func close(_ channel: any Channel) async {
    // A channel that is closed already is what is wanted.
    do { try await channel.close() } catch { return }
  }
}
