import NIOCore
import NIOPosix
import PromptCore
import Synchronization
import Systemd

/// Finds out who is at the other end of a connection.
///
/// The kernel's word costs a system call. The name of a user may be asked of a server far away,
/// and the unit is read from files: both happen on a thread of their own, names once a user.
final class Identification: Sendable {
  private let names = Mutex<[UInt32: String]>([:])
  private let threads: NIOThreadPool

  init(threads: NIOThreadPool) { self.threads = threads }

  /// Works out who `peer` is, on the loop of `channel`; its unit only where `asksUnits`.
  func identity(
    of peer: Peer, on channel: any Channel, asksUnits: Bool
  ) -> EventLoopFuture<PeerIdentity> {
    let known = names.withLock { $0[peer.uid] }
    if let known, !asksUnits {
      return channel.eventLoop.makeSucceededFuture(Self.identity(peer, name: known, unit: nil))
    }
    return threads.runIfActive(eventLoop: channel.eventLoop) { [self] in
      let name = known ?? Peer.userName(of: peer.uid) ?? String(peer.uid)
      names.withLock { $0[peer.uid] = name }
      return Self.identity(peer, name: name, unit: asksUnits ? peer.unit : nil)
    }
  }

  private static func identity(_ peer: Peer, name: String, unit: String?) -> PeerIdentity {
    PeerIdentity(
      uid: peer.uid, userName: name, groups: Set(peer.groups + [peer.gid]), unit: unit)
  }
}
