import Glibc
import Systemd
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ListeningSocketTests {
  private let folder: TemporaryFolder
  private var path: String { folder["p.sock"] }

  init() throws { folder = try TemporaryFolder() }

  private func open(_ mode: UInt32 = 0o600, group: UInt32? = nil) throws -> ListeningSocket {
    try ListeningSocket(path: path, mode: mode, group: group)
  }

  /// What opening the socket is refused with.
  private func refusal(_ path: String? = nil) -> String {
    do throws(SystemdError) {
      _ = try ListeningSocket(path: path ?? self.path, mode: 0o600, group: nil)
      return "none"
    } catch { return error.description }
  }

  @Test func clientsConnectAndItsDescriptorNeitherBlocksNorReachesChildren() throws {
    let socket = try open()
    let descriptor = try Descriptor(try socket.takeDescriptor(), "takeDescriptor")
    let client = try SocketCalls.connected(path)
    let accepted = try Descriptor(accept(descriptor.number, nil, nil), "accept")
    #expect(try Peer.of(descriptor: accepted.number).pid == getpid())
    #expect(fcntl(descriptor.number, F_GETFD) & FD_CLOEXEC != 0)
    #expect(accept(descriptor.number, nil, nil) == -1)
    #expect(errno == EAGAIN)
    client.close()
  }

  @Test func theDescriptorIsGivenAwayOnce() throws {
    let socket = try open()
    _ = try Descriptor(try socket.takeDescriptor(), "takeDescriptor")
    #expect(throws: SystemdError.self) { try socket.takeDescriptor() }
  }

  @Test(arguments: [0o600, 0o660, 0o666, 0o777])
  func theFileHasExactlyItsMode(mode: UInt32) throws {
    let socket = try open(mode)
    #expect(try folder.status(of: "p.sock").st_mode == S_IFSOCK | mode)
    socket.close()
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give files to any group"))
  func theFileIsGivenToItsGroup() throws {
    let socket = try open(0o660, group: 4242)
    #expect(try folder.status(of: "p.sock").st_gid == 4242)
    #expect(try folder.status(of: "p.sock").st_uid == geteuid())
    socket.close()
  }

  @Test func missingFoldersAreClosedToOthersUnlessOthersMayConnect() throws {
    for (mode, expected) in [(UInt32(0o600), mode_t(0o700)), (0o660, 0o755)] {
      let socket = try ListeningSocket(
        path: folder["\(expected)/a/p.sock"], mode: mode, group: nil)
      for name in ["\(expected)", "\(expected)/a"] {
        #expect(try folder.status(of: name).st_mode == S_IFDIR | expected)
      }
      socket.close()
    }
  }

  @Test func aSecondOneIsRefusedByTheProcessInChargeAndTheFirstIsUnharmed() throws {
    let first = try open()
    let refusal = refusal()
    #expect(refusal.contains("another promptd serves \(path) (process \(getpid())):"))
    #expect(refusal.contains("listen.socket"))
    _ = try SocketCalls.connected(path)
    first.close()
    #expect(self.refusal() == "none")
  }

  @Test func aSocketThatAnswersWithoutALockIsLeftAlone() throws {
    let other = try SocketCalls.listening(path)
    let inode = try folder.status(of: "p.sock").st_ino
    #expect(refusal().contains("(process \(getpid()))"))
    #expect(try folder.status(of: "p.sock").st_ino == inode)
    _ = try SocketCalls.connected(path)
    other.close()
  }

  @Test func aServerWhoseBacklogIsFullStillServes() throws {
    let other = try SocketCalls.listening(path, backlog: 0)
    var clients: [Descriptor] = []
    while clients.count < 100 {
      do { clients.append(try SocketCalls.connected(path)) } catch { break }
    }
    #expect((1..<100).contains(clients.count))
    #expect(refusal().contains("serves \(path)"))
    other.close()
  }

  @Test func aStaleSocketIsTakenOver() throws {
    try SocketCalls.listening(path).close()
    #expect(folder.contains("p.sock"))
    let socket = try open()
    _ = try SocketCalls.connected(path)
    socket.close()
  }

  @Test func aFileAFolderAndALinkInPlaceAreRefusedAndKept() throws {
    try folder.write("precious", to: "p.sock")
    #expect(refusal().contains("no socket"))
    #expect(try folder.read("p.sock") == "precious")
    #expect(mkdir(folder["d.sock"], 0o700) == 0)
    #expect(refusal(folder["d.sock"]).contains("no socket"))
    let elsewhere = try SocketCalls.bound(folder["elsewhere"])
    #expect(symlink(folder["elsewhere"], folder["l.sock"]) == 0)
    #expect(refusal(folder["l.sock"]).contains("no socket"))
    #expect(folder.contains("elsewhere"))
    elsewhere.close()
  }

  @Test func aPathThatDoesNotFitIsRefusedWithItsLimit() throws {
    let room = 107 - folder.path.utf8.count - 1
    let longest = folder[String(repeating: "x", count: room)]
    #expect(refusal(longest) == "none")
    #expect(refusal(longest + "x").contains("longer than 107 bytes"))
    #expect(refusal("").contains("empty"))
    #expect(refusal("a\0b").contains("NUL"))
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    try folder.write("", to: "file")
    #expect(refusal(folder["file/sub/p.sock"]).contains(folder["file/sub"]))
  }

  @Test func aRefusalLeavesTheLockFree() throws {
    try folder.write("in the way", to: "p.sock")
    #expect(refusal().contains("no socket"))
    #expect(unlink(path) == 0)
    #expect(refusal() == "none")
  }

  @Test func closingUnlinksTheSocketAndKeepsTheLockFile() throws {
    let socket = try open()
    socket.close()
    #expect(!folder.contains("p.sock"))
    #expect(folder.contains("p.sock.lock"))
    socket.close()
  }

  @Test func theLastReferenceCloses() throws {
    _ = try open()
    #expect(!folder.contains("p.sock"))
  }

  @Test func closingWithoutUnlinkingLeavesAStaleSocket() throws {
    let socket = try open()
    socket.close(unlinking: false)
    #expect(folder.contains("p.sock"))
    #expect(refusal() == "none")
  }

  @Test func closingLeavesASocketThatSomebodyElseBoundMeanwhile() throws {
    let socket = try open()
    #expect(rename(path, folder["moved"]) == 0)
    let other = try SocketCalls.listening(path)
    socket.close()
    _ = try SocketCalls.connected(path)
    other.close()
  }

  @Test func theLockIsHeldUntilClose() throws {
    let socket = try open()
    let lock = try Descriptor(Glibc.open(folder["p.sock.lock"], O_RDWR | O_CLOEXEC), "open")
    #expect(flock(lock.number, LOCK_EX | LOCK_NB) == -1)
    socket.close()
    #expect(flock(lock.number, LOCK_EX | LOCK_NB) == 0)
  }
}
