import Glibc
import NIOCore
import NIOPosix
import PromptConfiguration
import PromptCore
import PromptProtocol
import Synchronization
import Systemd

/// Takes connections from one listening socket and gives each a session on one of the loops.
final class Listener: Sendable {
  private let services: SessionServices
  private let identification: Identification
  private let clients: ClientRegistry
  private let gate: ConnectionGate
  private let refusals: RefusalLog
  private let mailboxes: [LoopMailbox]
  private let lastSession = Atomic<UInt64>(0)
  private let sessions = Mutex<[ObjectIdentifier: any Channel]>([:])
  private let isClosing = Atomic<Bool>(false)
  /// Called when a connection comes or goes.
  private let changed: @Sendable () -> Void

  init(
    _ services: SessionServices, identification: Identification, clients: ClientRegistry,
    gate: ConnectionGate, refusals: RefusalLog, mailboxes: [LoopMailbox],
    changed: @escaping @Sendable () -> Void
  ) {
    self.services = services
    self.identification = identification
    self.clients = clients
    self.gate = gate
    self.refusals = refusals
    self.mailboxes = mailboxes
    self.changed = changed
  }

  /// Accepts on the Unix socket `descriptor`, which the channel owns from now on.
  func accept(on descriptor: Int32, group: any EventLoopGroup) async throws -> any Channel {
    try await listen(on: descriptor, bootstrap(group) { self.welcome($0) })
  }

  private func listen(
    on descriptor: Int32, _ bootstrap: ServerBootstrap
  ) async throws -> any Channel {
    let channel = try await bootstrap.withBoundSocket(descriptor).get()
    // NIO listens on a socket that it is given with a backlog of its own, whatever the option says.
    _ = Glibc.listen(descriptor, Self.backlog)
    return channel
  }

  /// Connections that wait to be accepted; the kernel takes less if it wants.
  private static let backlog: Int32 = 4096

  /// Accepts at a loopback address, where each request shows a token.
  func acceptStrangers(
    at address: LoopbackAddress, group: any EventLoopGroup
  ) async throws -> any Channel {
    try await strangersBootstrap(group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: address.host, port: address.port).get()
  }

  /// Accepts on a socket at a loopback address, which the channel owns from now on.
  func acceptStrangers(
    on descriptor: Int32, group: any EventLoopGroup
  ) async throws -> any Channel {
    try await listen(on: descriptor, strangersBootstrap(group))
  }

  private func strangersBootstrap(_ group: any EventLoopGroup) -> ServerBootstrap {
    bootstrap(group) { self.welcomeStranger($0) }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
  }

  /// Leaves whoever connects from now on to whom the socket is handed next.
  static func stopAccepting(on channel: any Channel) async {
    // A channel that is closed accepts nobody.
    do {
      try await channel.eventLoop.submit {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      }.get()
    } catch { return }
  }

  /// Returns once nobody waits to be accepted on a socket to which nobody can connect any more.
  func acceptAll(on channel: any Channel, _ group: any EventLoopGroup) async {
    let end = ContinuousClock.now + Self.longestAccepting
    while ContinuousClock.now < end, await Self.somebodyWaits(on: channel) {
      await finishAccepting(group)
    }
  }

  /// A backlog is accepted in milliseconds, unless there are no descriptors left for it.
  private static let longestAccepting = Duration.seconds(1)

  private static func somebodyWaits(on channel: any Channel) async -> Bool {
    do {
      return try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
          of: NIOBSDSocket.Handle.self
        ) { descriptor in
          var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          return poll(&waiting, 1, 0) == 1
        } ?? false
      }.get()
    } catch {
      return false  // a channel that is closed has nobody waiting
    }
  }

  /// Returns once all that were accepted are known here: NIO sets connections up on their own loops.
  func finishAccepting(_ group: any EventLoopGroup) async {
    for loop in group.makeIterator() {
      // A loop that has ended has nothing to set up.
      do { try await loop.submit {}.get() } catch { continue }
    }
  }

  private func bootstrap(
    _ group: any EventLoopGroup,
    welcome: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelInitializer { [refusals] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AcceptPause { refusals.note(acceptFailure: $0, now: SystemClock.now.monotonic) })
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(
          minimum: 1024, initial: 2048, maximum: Self.mostAtOnce)
      )
      .childChannelInitializer(welcome)
  }

  /// Bytes that one read takes, at most: what a Unix socket holds by default, so that a large prompt
  /// takes few turns.
  private static let mostAtOnce = 256 << 10

  /// How long a client may take to read its last replies: on a busy machine even one that reads needs
  /// more than a moment.
  private static let farewell = TimeAmount.seconds(5)

  /// Closes all connections, once each has been told what became of all that it sent, or takes too
  /// long.
  func closeSessions() async {
    isClosing.store(true, ordering: .sequentiallyConsistent)
    let channels = sessions.withLock { Array($0.values) }
    for channel in channels {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      let end = channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
      channel.closeFuture.whenComplete { _ in end.cancel() }
    }
    for channel in channels {
      do { try await channel.closeFuture.get() } catch { continue }
    }
  }

  /// Gives a new connection of the Unix socket its session; nothing is read before that.
  private func welcome(_ channel: any Channel) -> EventLoopFuture<Void> {
    do {
      let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { try Peer.of(descriptor: $0) }
      guard let peer else { throw ChannelError.operationUnsupported }
      guard try letIn(channel, .user(peer.uid)) else {
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      remember(channel)
      let asksUnits = try tools(on: channel).rules.clients.rules.contains { $0.match.unit != nil }
      return identification.identity(of: peer, on: channel, asksUnits: asksUnits)
        .flatMapThrowing { try self.begin($0, on: channel) }
    } catch {
      // The peer was gone before it could be asked who it was.
      return channel.eventLoop.makeFailedFuture(error)
    }
  }

  /// Gives a new connection of the loopback listener its session.
  private func welcomeStranger(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      // Who it is shows with each request: until then all of them are one.
      guard try self.letIn(channel, .stranger) else { return }
      self.remember(channel)
      try self.beginHTTP(TokenBearer(), .stranger, on: channel)
    }
  }

  /// Counts a connection, or tells it why there is no room; false for the latter.
  private func letIn(_ channel: any Channel, _ owner: Owner) throws -> Bool {
    if let reason = gate.enter(owner) {
      refusals.note(.tooManyConnections, client: nil, uid: owner.uid, now: SystemClock.now)
      try channel.pipeline.syncOperations.addHandler(
        RefusalHandler(WireError(.tooManyConnections, reason), isHTTP: owner == .stranger))
      return false
    }
    channel.closeFuture.whenComplete { [gate, changed] _ in
      gate.leave(owner)
      changed()
    }
    changed()
    return true
  }

  /// Waits for the first byte, which tells the dialect.
  private func begin(_ identity: PeerIdentity, on channel: any Channel) throws {
    let owner = Owner.user(identity.uid)
    let peer = NIOLoopBound(
      PeerCaller(
        identity, try tools(on: channel).rules, clients: clients, broker: services.broker),
      eventLoop: channel.eventLoop)
    channel.closeFuture.whenComplete { _ in peer.value.disconnected() }
    try channel.pipeline.syncOperations.addHandler(
      DialectHandler { [weak self] isHTTP, channel in
        guard let self else { return }
        if isHTTP {
          try self.beginHTTP(peer.value, owner, on: channel)
        } else {
          let (route, tools) = try self.route(for: owner, on: channel)
          try channel.pipeline.syncOperations.addHandler(
            LineSession(self.services, peer: peer.value, route: route, tools: tools))
        }
      })
    // Nobody told it so while it was found out who it is.
    if isClosing.load(ordering: .sequentiallyConsistent) {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
  }

  private func beginHTTP(
    _ callers: any CallerSource, _ owner: Owner, on channel: any Channel
  ) throws {
    let (route, tools) = try route(for: owner, on: channel)
    try HTTPPipeline.add(
      HTTPSession(services, callers: callers, route: route, tools: tools), to: channel)
  }

  private func route(
    for owner: Owner, on channel: any Channel
  ) throws -> (Route, LoopTools) {
    let mailbox = try mailbox(of: channel)
    let id = SessionID(rawValue: lastSession.add(1, ordering: .relaxed).newValue)
    return (Route(mailbox: mailbox, session: id, owner: owner), mailbox.tools.value)
  }

  private func mailbox(of channel: any Channel) throws -> LoopMailbox {
    guard let mailbox = mailboxes.first(where: { $0.eventLoop === channel.eventLoop }) else {
      throw ChannelError.operationUnsupported
    }
    return mailbox
  }

  private func tools(on channel: any Channel) throws -> LoopTools {
    try mailbox(of: channel).tools.value
  }

  /// Keeps a connection in mind until it is closed, for the end of the daemon.
  private func remember(_ channel: any Channel) {
    let key = ObjectIdentifier(channel)
    sessions.withLock { $0[key] = channel }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.sessions.withLock { _ = $0.removeValue(forKey: key) }
    }
  }
}
