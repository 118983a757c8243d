import Glibc
import Systemd
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PeerTests {
  @Test func thePeerOfASocketPairIsThisProcess() throws {
    let (one, _) = try Descriptor.socketPair()
    var groups = [gid_t](repeating: 0, count: 65536)
    let count = Int(getgroups(Int32(groups.count), &groups))
    let peer = try Peer.of(descriptor: one.number)
    #expect(peer.uid == geteuid())
    #expect(peer.gid == getegid())
    #expect(peer.pid == getpid())
    #expect(peer.groups == Array(groups.prefix(count)))
  }

  /// Connects the probe as a user with `groups`, and gives its credentials.
  private func peer(groups: ClosedRange<Int>?) throws -> Peer {
    let folder = try TemporaryFolder()
    let listener = try SocketCalls.listening(folder["s"])
    let list = groups.map { "--groups=" + $0.map(String.init).joined(separator: ",") }
    let program = try Program(
      ["setpriv", "--reuid=0", "--regid=65534", list ?? "--clear-groups", Program.probe]
        + ["connect", folder["s"]])
    let accepted = try Descriptor(accept(listener.number, nil, nil), "accept")
    let peer = try Peer.of(descriptor: accepted.number)
    accepted.close()
    #expect(try program.ending().values("connected") == ["true"])
    return peer
  }

  @Test(
    .enabled(if: geteuid() == 0, "only root may choose the groups of a process"),
    arguments: [1, 64, 65, 1000])
  func allGroupsAreReadAndNoMore(count: Int) throws {
    let peer = try peer(groups: 1001...(1000 + count))
    #expect(peer.groups == (1001...(1000 + UInt32(count))).map { $0 })
    #expect(peer.gid == 65534)
  }

  @Test(.enabled(if: geteuid() == 0, "only root may choose the groups of a process"))
  func withoutGroupsThereIsNoGroupZero() throws { #expect(try peer(groups: nil).groups == []) }

  @Test func whatHasNoPeerIsAnError() throws {
    let internet = try SocketCalls.listeningInternet()
    let error = try #require(throws: SystemdError.self) {
      try Peer.of(descriptor: internet.number)
    }
    #expect(error.description.contains("use a Unix socket"))
    let folder = try TemporaryFolder()
    let unconnected = try SocketCalls.bound(folder["s"])
    #expect(throws: SystemdError.self) { try Peer.of(descriptor: unconnected.number) }
    #expect(throws: SystemdError.self) { try Peer.of(descriptor: -1) }
  }
}
