import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ServiceNotifierTests {
  /// What the probe says to a manager, message by message.
  private func messages() throws -> [String] {
    let folder = try TemporaryFolder()
    let manager = try SocketCalls.bound(folder["notify"], SOCK_DGRAM)
    let ending = try Program.run(
      [Program.probe, "notify"], environment: ["NOTIFY_SOCKET": folder["notify"]])
    #expect(ending.values("listened") == ["true"])
    #expect(ending.values("environment") == ["true"])
    var messages: [String] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(manager.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return messages }
      messages.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }

  @Test func everyMessageReachesTheManagerInOrder() throws {
    let heads = try messages().map { $0.prefix { $0 != "=" } }
    #expect(
      heads == [
        "READY", "STATUS", "WATCHDOG", "EXTEND_TIMEOUT_USEC", "MAINPID", "RELOADING", "STOPPING",
      ])
  }

  @Test func aStatusCannotAssignAnythingElse() throws {
    #expect(try messages().first == "READY=1\nSTATUS=one MAINPID=1")
  }

  @Test func anExtensionIsToldInMicroseconds() throws {
    #expect(try messages().contains("EXTEND_TIMEOUT_USEC=1500000"))
  }

  @Test func reloadingTellsWhenItBegan() throws {
    func now() -> Int64 {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
    let before = now()
    let message = try #require(try messages().first { $0.hasPrefix("RELOADING") })
    let prefix = "RELOADING=1\nMONOTONIC_USEC="
    #expect(message.hasPrefix(prefix))
    let began = try #require(Int64(message.dropFirst(prefix.count)))
    #expect((before...now()).contains(began))
  }

  @Test func aManagerThatDoesNotReadHoldsNobodyUp() throws {
    let folder = try TemporaryFolder()
    let manager = try SocketCalls.bound(folder["notify"], SOCK_DGRAM)
    try withExtendedLifetime(manager) {
      let ending = try Program.run(
        [Program.probe, "notify-flood"], environment: ["NOTIFY_SOCKET": folder["notify"]])
      #expect(ending.code == 0)
    }
  }

  @Test func withoutAManagerNothingHappens() throws {
    let ending = try Program.run([Program.probe, "notify"])
    #expect(ending.code == 0)
    #expect(ending.values("listened") == ["false"])
  }

  @Test func aManagerThatIsGoneDoesNoHarm() throws {
    let ending = try Program.run(
      [Program.probe, "notify"], environment: ["NOTIFY_SOCKET": "/nowhere/notify"])
    #expect(ending.code == 0)
  }

  @Test(
    "The watchdog's interval is the manager's, for the process that it watches",
    arguments: [
      (["WATCHDOG_USEC": "20000000"], "20s"), ([:], "none"),
      (["WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"], "none"),
      (["WATCHDOG_USEC": "soon"], "none"),
    ])
  func watchdog(environment: [String: String], expected: String) throws {
    let ending = try Program.run([Program.probe, "notify"], environment: environment)
    #expect(ending.values("watchdog") == [expected])
  }
}
