import CSystemd
import Glibc

/// Who is at the other end of a Unix socket, as the kernel says.
package struct Peer: Hashable, Sendable {
  package var uid: UInt32
  package var gid: UInt32
  package var pid: Int32
  /// Supplementary groups at the time of connect(2).
  package var groups: [UInt32]

  /// The peer of a connected Unix socket; throws when it cannot be told.
  package static func of(descriptor: Int32) throws(SystemdError) -> Peer {
    // struct ucred (unix(7)), which Swift's Glibc module hides: process, user, group.
    var words: [UInt32] = [0, 0, 0]
    var length = socklen_t(words.count * MemoryLayout<UInt32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &words, &length) == 0 else {
      throw SystemdError("the peer's credentials cannot be read", errno)
    }
    // The kernel answers so, without an error, for a socket that has no peer or an Internet one.
    guard words[1] != uid_t.max else {
      throw SystemdError("the socket has no peer that the kernel knows; use a Unix socket")
    }
    return Peer(
      uid: words[1], gid: words[2], pid: Int32(bitPattern: words[0]),
      groups: try groups(of: descriptor))
  }

  /// The groups of a peer. The length that the kernel returns is what counts: what lies beyond
  /// would read as group 0.
  private static func groups(of descriptor: Int32) throws(SystemdError) -> [UInt32] {
    var room = 64
    while true {
      var groups = [gid_t](repeating: 0, count: room)
      var length = socklen_t(room * MemoryLayout<gid_t>.size)
      if getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 {
        return Array(groups.prefix(Int(length) / MemoryLayout<gid_t>.size))
      }
      guard errno == ERANGE else {
        // A kernel without the option (before 4.13) knows no groups of peers.
        if errno == ENOPROTOOPT { return [] }
        throw SystemdError("the peer's groups cannot be read", errno)
      }
      room = max(room * 2, Int(length) / MemoryLayout<gid_t>.size)
    }
  }
}
