import NIOCore
import NIOPosix
import PromptCore
import Synchronization
import Systemd

/// Finds out who is at the other end of a connection, and what holds for them.
///
/// The kernel's word costs a system call. The name of a user may be asked of a server far away,
/// and the unit is read from files: both happen on a thread of their own, names once a user.
final class Identification: Sendable {
  private let rules: ClientRules
  private let clients: ClientRegistry
  private let broker: Broker
  private let asksUnits: Bool
  private let names = Mutex<[UInt32: String]>([:])
  private let threads: NIOThreadPool

  init(
    rules: ClientRules, clients: ClientRegistry, broker: Broker, threads: NIOThreadPool
  ) {
    self.rules = rules
    self.clients = clients
    self.broker = broker
    self.threads = threads
    asksUnits = rules.rules.contains { $0.match.unit != nil }
  }

  /// Works out the caller on `channel`, whose peer is `peer`; on the channel's loop.
  func caller(of peer: Peer, on channel: any Channel) -> EventLoopFuture<Caller> {
    let known = names.withLock { $0[peer.uid] }
    if let known, !asksUnits {
      return channel.eventLoop.makeSucceededFuture(caller(peer, name: known, unit: nil))
    }
    return threads.runIfActive(eventLoop: channel.eventLoop) { [self] in
      let name = known ?? Peer.userName(of: peer.uid) ?? String(peer.uid)
      names.withLock { $0[peer.uid] = name }
      return caller(peer, name: name, unit: asksUnits ? peer.unit : nil)
    }
  }

  private func caller(_ peer: Peer, name: String, unit: String?) -> Caller {
    let identity = PeerIdentity(
      uid: peer.uid, userName: name, groups: Set(peer.groups + [peer.gid]), unit: unit)
    return Caller(
      .user(peer.uid), rules.policy(for: identity), clients: clients, broker: broker)
  }
}
