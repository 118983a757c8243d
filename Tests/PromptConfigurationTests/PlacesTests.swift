import PromptConfiguration
import Testing

struct PlacesTests {
  @Test func aUserHasPlacesByTheXDGVariables() {
    let places = Places.user(
      environment: [
        "HOME": "/home/a", "XDG_RUNTIME_DIR": "/run/user/1000", "XDG_CONFIG_HOME": "/c",
        "XDG_CACHE_HOME": "/k/", "XDG_STATE_HOME": "/s",
      ], userID: 1000)
    #expect(places.socket == "/run/user/1000/promptd/promptd.sock")
    #expect(places.socketMode == 0o600)
    #expect(places.configurationFile == "/c/promptd/promptd.toml")
    #expect(places.dropInDirectory == "/c/promptd/conf.d")
    #expect(places.cacheFile == "/k/promptd/cache.sqlite")
    #expect(places.stateFile == "/s/promptd/state.sqlite")
  }

  @Test func withoutThemPlacesAreInTheHomeAndTheTemporaryFolder() {
    let places = Places.user(
      environment: ["HOME": "/home/a", "XDG_CONFIG_HOME": "relative"], userID: 1000)
    #expect(places.socket == "/tmp/promptd-1000/promptd.sock")
    #expect(places.configurationFile == "/home/a/.config/promptd/promptd.toml")
    #expect(places.cacheFile == "/home/a/.cache/promptd/cache.sqlite")
    #expect(places.stateFile == "/home/a/.local/state/promptd/state.sqlite")
  }

  @Test func withoutAHomeEverythingIsInTheTemporaryFolder() {
    let places = Places.user(environment: ["TMPDIR": "/var/tmp"], userID: 7)
    #expect(places.socket == "/var/tmp/promptd-7/promptd.sock")
    #expect(places.configurationFile == "/var/tmp/promptd-7/promptd.toml")
    #expect(places.cacheFile == "/var/tmp/promptd-7/cache.sqlite")
  }

  @Test func theSystemServiceHasTheSystemsPlaces() {
    let places = Places.system()
    #expect(places.socket == "/run/promptd/promptd.sock")
    #expect(places.socketMode == 0o660)
    #expect(places.configurationFile == "/etc/promptd/promptd.toml")
    #expect(places.cacheFile == "/var/cache/promptd/cache.sqlite")
    #expect(places.stateFile == "/var/lib/promptd/state.sqlite")
  }

  @Test func systemdsFoldersGoBeforeTheUsualOnes() {
    let environment = ["CACHE_DIRECTORY": "/x/cache:/y", "STATE_DIRECTORY": "/x/state"]
    for places in [
      Places.system(environment: environment), .user(environment: environment, userID: 7),
    ] {
      #expect(places.cacheFile == "/x/cache/cache.sqlite")
      #expect(places.stateFile == "/x/state/state.sqlite")
    }
  }

  @Test(
    arguments: [(0, nil, false), (0, 998, false), (998, 998, true), (1000, 998, false)]
      as [(UInt32, UInt32?, Bool)])
  func theServicesUserGetsTheSystemsPlacesAndRootByHandItsOwn(
    user: UInt32, serviceUser: UInt32?, isSystem: Bool
  ) {
    let places = Places.current(
      environment: ["HOME": "/h"], userID: user, serviceUserID: serviceUser)
    #expect((places == .system()) == isSystem)
  }

  @Test func aServiceIsKnownByItsFolder() {
    let environment = ["HOME": "/h", "STATE_DIRECTORY": "/var/lib/promptd"]
    let places = Places.current(environment: environment, userID: 61184, serviceUserID: nil)
    #expect(places == .system(environment: environment))
  }
}
