import Glibc
import Testing

@testable import Systemd

@Suite struct PeerTests {
  @Test func thePeerOfASocketPairIsThisProcess() throws {
    var ends: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    defer { for end in ends { close(end) } }
    let peer = try Peer.of(descriptor: ends[0])
    #expect(peer.uid == getuid())
    #expect(peer.gid == getgid())
    #expect(peer.pid == getpid())
    var groups = [gid_t](repeating: 0, count: 1024)
    let count = getgroups(1024, &groups)
    #expect(Set(peer.groups) == Set(groups.prefix(Int(count))))
  }

  @Test func whatIsNoSocketHasNoPeer() {
    #expect(throws: SystemdError.self) { try Peer.of(descriptor: -1) }
  }

  @Test func usersHaveNames() {
    #expect(Peer.userName(of: 0) == "root")
    #expect(Peer.userName(of: 4_000_000_000) == nil)
  }
}
