import Glibc
import Testing

@testable import PromptClient

struct SocketLocationTests {
  private func path(
    option: String? = nil, _ environment: [String: String] = [:], ownExists: Bool = false
  ) -> String {
    SocketLocation.path(
      option: option, environment: environment, userSocket: "/own", systemSocket: "/system",
      isOwn: { $0 == "/own" && ownExists })
  }

  @Test func theOptionGoesBeforeEverything() {
    #expect(path(option: "/given", ["PROMPTD_SOCKET": "/set"], ownExists: true) == "/given")
  }

  @Test func theEnvironmentGoesBeforeTheUsualPlaces() {
    #expect(path(["PROMPTD_SOCKET": "/set"], ownExists: true) == "/set")
    #expect(path(["PROMPTD_SOCKET": ""]) == "/system")
  }

  @Test func theUsersOwnSocketIsTakenOnlyIfItIsThere() {
    #expect(path(ownExists: true) == "/own")
    #expect(path() == "/system")
  }

  @Test func onlyASocketOfTheUserCountsAsOwn() async throws {
    try await FakeDaemon.serving { daemon in
      #expect(SocketLocation.isOwnSocket(daemon.path))
      #expect(!SocketLocation.isOwnSocket(daemon.path, user: geteuid() + 1))
      #expect(!SocketLocation.isOwnSocket("/tmp"))
      #expect(!SocketLocation.isOwnSocket(daemon.path + "-nowhere"))
    }
  }
}
