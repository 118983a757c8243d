import FoundationEssentials
import Glibc
import Systemd
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PeerUnitTests {
  /// Where control groups of version 2 are, alone or beside those of version 1.
  static let controlGroups = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].first {
    access("\($0)/cgroup.subtree_control", W_OK) == 0
  }

  /// Connects the probe out of the control group of a unit called `name`, and gives what it is
  /// taken for by its descriptor and by its number.
  private func units(of name: String) throws -> [String?] {
    let root = try #require(Self.controlGroups)
    let folder = try TemporaryFolder()
    let slice = "\(root)/system.slice"
    let madeSlice = mkdir(slice, 0o755) == 0
    defer { if madeSlice { rmdir(slice) } }
    guard mkdir("\(slice)/\(name)", 0o755) == 0 else { throw SystemCallFailure("mkdir") }
    defer { rmdir("\(slice)/\(name)") }
    let listener = try SocketCalls.listening(folder["s"])
    let program = try Program([
      "/bin/sh", "-c", #"echo $$ > "$0/cgroup.procs" && exec "$@""#, "\(slice)/\(name)",
      Program.probe, "connect", folder["s"],
    ])
    let accepted = try Descriptor(accept(listener.number, nil, nil), "accept")
    let peer = try Peer.of(descriptor: accepted.number)
    let units = [Peer.unit(of: accepted.number), peer.unit]
    accepted.close()
    _ = try program.ending()
    return units
  }

  @Test(
    .enabled(
      if: geteuid() == 0 && controlGroups != nil, "only root may make a control group"))
  func aProcessInTheControlGroupOfAUnitIsOfThatUnit() throws {
    let name = "promptd-test-\(getpid()).service"
    #expect(try units(of: name) == [name, name])
  }

  @Test func whatHasNoPeerHasNoUnit() throws {
    let internet = try SocketCalls.listeningInternet()
    #expect(Peer.unit(of: internet.number) == nil)
    #expect(Peer.unit(of: -1) == nil)
  }
}
