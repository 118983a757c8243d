import NIOCore
import NIOPosix
import PromptCore
import PromptProtocol
import Synchronization
import Systemd

/// Takes connections from one listening socket and gives each a session on one of the loops.
final class Listener: Sendable {
  private let services: SessionServices
  private let identification: Identification
  private let gate: ConnectionGate
  private let refusals: RefusalLog
  private let mailboxes: [LoopMailbox]
  private let lastSession = Atomic<UInt64>(0)
  private let sessions = Mutex<[ObjectIdentifier: any Channel]>([:])
  /// Called when a connection comes or goes.
  private let changed: @Sendable () -> Void

  init(
    _ services: SessionServices, identification: Identification, gate: ConnectionGate,
    refusals: RefusalLog, mailboxes: [LoopMailbox], changed: @escaping @Sendable () -> Void
  ) {
    self.services = services
    self.identification = identification
    self.gate = gate
    self.refusals = refusals
    self.mailboxes = mailboxes
    self.changed = changed
  }

  /// Accepts on `descriptor`, which the channel owns from now on.
  func accept(on descriptor: Int32, group: any EventLoopGroup) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // Without descriptors left, trying again at once would only burn the processor.
          try channel.pipeline.syncOperations.addHandler(
            AcceptBackoffHandler(shouldForwardIOErrorCaught: false))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in self.welcome(channel) }
      .withBoundSocket(descriptor).get()
  }

  /// How long a client may take to read its last replies.
  private static let farewell = TimeAmount.seconds(1)

  /// Closes all connections, once each has been sent what was written to it, or takes too long.
  func closeSessions() async {
    let channels = sessions.withLock { Array($0.values) }
    for channel in channels {
      channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
      let end = channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
      channel.closeFuture.whenComplete { _ in end.cancel() }
    }
    for channel in channels {
      do { try await channel.closeFuture.get() } catch { continue }
    }
  }

  /// Gives a new connection its session; nothing is read before that.
  private func welcome(_ channel: any Channel) -> EventLoopFuture<Void> {
    do {
      let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { try Peer.of(descriptor: $0) }
      guard let peer else { throw ChannelError.operationUnsupported }
      if let reason = gate.enter(peer.uid) {
        refusals.note(.tooManyConnections, client: nil, uid: peer.uid, now: SystemClock.now)
        return refuse(channel, WireError(.tooManyConnections, reason))
      }
      channel.closeFuture.whenComplete { [gate, changed] _ in
        gate.leave(peer.uid)
        changed()
      }
      changed()
      return identification.caller(of: peer, on: channel).flatMapThrowing { caller in
        try self.begin(caller, on: channel)
      }
    } catch {
      // The peer was gone before it could be asked who it was.
      return channel.eventLoop.makeFailedFuture(error)
    }
  }

  private func refuse(_ channel: any Channel, _ error: WireError) -> EventLoopFuture<Void> {
    do {
      try channel.pipeline.syncOperations.addHandler(RefusalHandler(error))
      return channel.eventLoop.makeSucceededVoidFuture()
    } catch {
      return channel.eventLoop.makeFailedFuture(error)
    }
  }

  private func begin(_ caller: Caller, on channel: any Channel) throws {
    guard let mailbox = mailboxes.first(where: { $0.eventLoop === channel.eventLoop }) else {
      throw ChannelError.operationUnsupported
    }
    let id = SessionID(rawValue: lastSession.add(1, ordering: .relaxed).newValue)
    let route = Route(mailbox: mailbox, session: id, uid: caller.identity.uid)
    try channel.pipeline.syncOperations.addHandler(
      LineSession(services, caller: caller, route: route, tools: mailbox.tools.value))
    let key = ObjectIdentifier(channel)
    sessions.withLock { $0[key] = channel }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.sessions.withLock { _ = $0.removeValue(forKey: key) }
    }
  }
}
