import Glibc
import Testing

@testable import PromptClient

struct ClientErrorTests {
  @Test func noDaemonSaysWhatToStart() {
    let error = ClientError.noDaemon(path: "/run/promptd/promptd.sock")
    #expect(
      error.description
        == "no daemon at /run/promptd/promptd.sock: systemctl start promptd, or make run")
    #expect(error.exitCode == 69)
  }

  @Test(arguments: [
    (ENOENT, ClientError.noDaemon(path: "/s"), 69),
    (ECONNREFUSED, .noDaemon(path: "/s"), 69),
    (EACCES, .notPermitted(path: "/s", group: nil), 77),
    (EAGAIN, .busy(path: "/s"), 75),
    (ENOTSOCK, .unreachable(path: "/s", code: ENOTSOCK), 69),
  ])
  func connectingFailsByWhatTheUserCanDo(code: CInt, error: ClientError, exit: Int) {
    #expect(ClientError.connecting(to: "/s", code: code) == error)
    #expect(Int(error.exitCode) == exit)
    #expect(error.description.contains("/s"))
  }

  @Test func otherEndingsHaveTheirExitCodes() {
    #expect(ClientError.connectionLost.exitCode == 69)
    #expect(ClientError.silent(seconds: 1).exitCode == 75)
    #expect(ClientError.notPromptd(reason: "it is another").exitCode == 76)
    #expect(ClientError.pathTooLong(path: "/").exitCode == 64)
  }
}
