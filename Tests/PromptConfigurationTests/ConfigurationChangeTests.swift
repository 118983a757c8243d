import FoundationEssentials
import PromptCore
import Testing

@testable import PromptConfiguration

/// What a reload says has changed.
@Suite struct ConfigurationChangeTests {
  private let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  private func load(_ text: String) throws -> Configuration {
    try fixture.load(text)
  }

  private func changes(_ before: String, _ after: String) throws -> [String] {
    try load(before).changes(to: load(after)).map(\.text)
  }

  private static let upstream = """
    [[upstream]]
    name = "a"
    base_url = "https://a.example/v1"
    auth = "none"

    """

  @Test func nothingHasChangedInTheSame() throws {
    let text =
      Self.upstream + "[queue]\nmax_queued = 5\n[prices]\n\"m\" = { input = 1.0, output = 2.0 }"
    #expect(try changes(text, text).isEmpty)
  }

  @Test func eachKeyIsNamedWithWhatItWasAndIs() throws {
    let before = "[queue]\nmax_queued = 5\n[log]\nlevel = \"debug\""
    let after = "[queue]\nmax_queued = 6\nage_step = \"5s\""
    #expect(
      try changes(before, after) == [
        #"log.level: "debug" -> (default)"#, #"queue.age_step: (default) -> "5s""#,
        "queue.max_queued: 5 -> 6",
      ])
  }

  @Test func anUpstreamGoesByItsNameWhereverItStands() throws {
    let other = Self.upstream.replacing("\"a\"", with: "\"b\"")
    #expect(try changes(Self.upstream + other, other + Self.upstream).isEmpty)
    let wider = Self.upstream + "max_concurrent = 3\n"
    #expect(
      try changes(Self.upstream + other, other + wider) == [
        "upstream.a.max_concurrent: (default) -> 3"
      ])
  }

  @Test func rulesOfOneNameAreToldApart() throws {
    let rule = "[[client]]\nname = \"x\"\nuser = \"alice\"\n"
    let two = rule + rule.replacing("user = \"alice\"", with: "unit = \"a.service\"")
    #expect(
      try changes(rule, two) == [
        #"client.x#2.name: (default) -> "x""#, #"client.x#2.unit: (default) -> "a.service""#,
      ])
  }

  @Test func whatTakesARestartSaysSoAndStaysAsItWas() throws {
    let before = try load("[cache]\nmemory = \"2MiB\"\nttl = \"1h\"")
    let after = try load("[cache]\nmemory = \"3MiB\"\nttl = \"2h\"")
    let changes = before.changes(to: after)
    #expect(changes.map(\.needsRestart) == [true, false])
    let new = after.replacing(before)
    #expect(new.cache.policy.memory == 2 << 20)
    #expect(new.cache.policy.ttl == .seconds(7200))
    #expect(new.changes(to: after).map(\.key) == ["cache.memory"], "until there is a restart")
  }

  @Test func aKeyFileIsReadAgainAndItsKeyNotShown() throws {
    let file = try fixture.write("secret-1\n", to: "key", mode: 0o600)
    let text = Self.upstream.replacing("auth = \"none\"", with: "api_key_file = \"\(file)\"")
    let before = try load(text)
    _ = try fixture.write("secret-2\n", to: "key", mode: 0o600)
    #expect(try before.changes(to: load(text)).map(\.text) == ["upstream.a.key"])
  }

  @Test func aPasswordInAProxyIsNotShown() throws {
    let before = Self.upstream + "proxy = \"http://u:one@p:1\"\n"
    let after = Self.upstream + "proxy = \"http://u:two@p:1\"\n"
    #expect(try changes(before, after) == ["upstream.a.proxy"])
  }
}
