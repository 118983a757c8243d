import Systemd
import Testing

struct PeerAccountsTests {
  @Test func rootIsKnownByNameAndNumber() {
    #expect(Peer.userName(of: 0) == "root")
    #expect(Peer.userID(named: "root") == 0)
    #expect(Peer.groupID(named: "root") == 0)
  }

  @Test func aGroupMayHaveAnotherNumberThanItsUser() {
    #expect(Peer.userID(named: "man") != nil)
    #expect(Peer.groupID(named: "tty") == 5)
  }

  @Test func nobodyIsMadeUp() {
    #expect(Peer.userName(of: 3_999_999_999) == nil)
    #expect(Peer.userID(named: "no such user") == nil)
    #expect(Peer.groupID(named: "no such group") == nil)
  }
}
