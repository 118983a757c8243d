import Glibc
import TestSupport
import Testing

@testable import Systemd

@Suite struct ListeningSocketTests {
  @Test func itListensWithItsModeAndLeavesNothingButTheLock() throws {
    let folder = try TemporaryFolder()
    let path = folder["deep/er/promptd.sock"]
    let socket = try ListeningSocket(path: path, mode: 0o660, group: getgid())
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    _ = try LineClient(path)
    socket.close()
    #expect(access(path, F_OK) != 0)
    #expect(access(path + ".lock", F_OK) == 0)
  }

  @Test func aSecondOneIsRefusedAndTheFirstGoesOn() throws {
    let folder = try TemporaryFolder()
    let path = folder["promptd.sock"]
    let first = try ListeningSocket(path: path, mode: 0o600, group: nil)
    #expect(throws: SystemdError.self) {
      try ListeningSocket(path: path, mode: 0o600, group: nil)
    }
    _ = try LineClient(path)
    first.close()
    try ListeningSocket(path: path, mode: 0o600, group: nil).close()
  }

  @Test func aSocketThatSomebodyServesWithoutTheLockIsNotTakenOver() throws {
    let folder = try TemporaryFolder()
    let path = folder["promptd.sock"]
    let other = try ListeningDescriptor(path)
    #expect(throws: SystemdError.self) {
      try ListeningSocket(path: path, mode: 0o600, group: nil)
    }
    withExtendedLifetime(other) {}
  }

  @Test func aStaleSocketIsTakenOver() throws {
    let folder = try TemporaryFolder()
    let path = folder["promptd.sock"]
    do { _ = try ListeningDescriptor(path) }
    #expect(access(path, F_OK) == 0)
    let socket = try ListeningSocket(path: path, mode: 0o600, group: nil)
    _ = try LineClient(path)
    socket.close()
  }

  @Test func whatIsNoSocketStaysWhereItIs() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("precious", to: "promptd.sock")
    let error = #expect(throws: SystemdError.self) {
      try ListeningSocket(path: path, mode: 0o600, group: nil)
    }
    #expect(error?.description.contains("no socket") == true)
    #expect(access(path, F_OK) == 0)
  }

  @Test func aPathThatIsTooLongIsAnError() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: SystemdError.self) {
      try ListeningSocket(
        path: folder[String(repeating: "x", count: 120)], mode: 0o600, group: nil)
    }
    #expect(error?.description.contains("107 bytes") == true)
  }

  @Test func aSocketThatCameLaterIsNotUnlinked() throws {
    let folder = try TemporaryFolder()
    let path = folder["promptd.sock"]
    let socket = try ListeningSocket(path: path, mode: 0o600, group: nil)
    #expect(rename(path, folder["elsewhere"]) == 0)
    let other = try ListeningDescriptor(path)
    socket.close()
    #expect(access(path, F_OK) == 0)
    withExtendedLifetime(other) {}
  }
}
