import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct InheritedSocketsTests {
  /// Runs the probe as systemd starts a service: LISTEN_PID is the process's own number.
  private func take(
    _ sockets: [Descriptor], names: String
  ) throws -> Program.Ending {
    try Program.run(
      ["/bin/sh", "-c", #"LISTEN_PID=$$ exec "$0" "$@""#, Program.probe, "sockets", ""],
      environment: ["LISTEN_FDS": String(sockets.count), "LISTEN_FDNAMES": names],
      inherited: sockets)
  }

  @Test func socketsComeWithTheirNamesAndPathsAndStayOutOfChildren() throws {
    let folder = try TemporaryFolder()
    let ending = try take(
      [try SocketCalls.listening(folder["a"]), try SocketCalls.listening(folder["b"])],
      names: "lines:http")
    #expect(
      ending.values("socket") == [
        "3 lines \(folder["a"]) true", "4 http \(folder["b"]) true",
      ])
  }

  @Test func theyAreTakenOnce() throws {
    let folder = try TemporaryFolder()
    let ending = try take([try SocketCalls.listening(folder["a"])], names: "lines")
    #expect(ending.values("again") == ["0"])
  }

  @Test func withoutSystemdThereAreNone() throws {
    let ending = try Program.run([Program.probe, "sockets"])
    #expect(ending.values("socket").isEmpty)
    #expect(ending.values("error").isEmpty)
    #expect(ending.values("again") == ["0"])
  }

  @Test func socketsMeantForAnotherProcessAreLeftAlone() throws {
    let folder = try TemporaryFolder()
    let ending = try Program.run(
      [Program.probe, "sockets"],
      environment: ["LISTEN_FDS": "1", "LISTEN_PID": "1"],
      inherited: [try SocketCalls.listening(folder["a"])])
    #expect(ending.values("socket").isEmpty)
    #expect(ending.values("again") == ["0"])
  }

  @Test func aSocketThatDoesNotListenIsRefusedByName() throws {
    let folder = try TemporaryFolder()
    let ending = try take([try SocketCalls.bound(folder["a"])], names: "lines")
    #expect(ending.values("error").first?.hasPrefix("the socket lines ") == true)
    #expect(ending.values("error").first?.contains("ListenStream=") == true)
  }

  @Test func datagramAndConnectedSocketsAreRefused() throws {
    let folder = try TemporaryFolder()
    for descriptor in [
      try SocketCalls.bound(folder["a"], SOCK_DGRAM), try Descriptor.socketPair().0,
    ] {
      #expect(try take([descriptor], names: "lines").values("error").count == 1)
    }
  }

  @Test func aLoopbackSocketIsTakenByTheNameHTTPAlone() throws {
    let socket = try SocketCalls.listeningInternet()
    #expect(try take([socket], names: "http").values("socket") == ["3 http  true"])
    let refused = try take([socket], names: "promptd.socket").values("error")
    #expect(refused.first?.contains("FileDescriptorName=http") == true)
  }

  @Test func aSocketThatOtherMachinesReachIsRefused() throws {
    let socket = try SocketCalls.listeningInternet(everywhere: true)
    let refused = try take([socket], names: "http").values("error")
    #expect(refused.first?.contains("ListenStream=127.0.0.1:") == true)
  }

  @Test func anImpossibleCountIsAnErrorAndNoTrap() throws {
    let ending = try Program.run(
      ["/bin/sh", "-c", #"LISTEN_PID=$$ exec "$0" sockets"#, Program.probe],
      environment: ["LISTEN_FDS": "many"])
    #expect(ending.code == 0)
    #expect(ending.values("error").first?.contains("cannot be taken") == true)
  }
}
