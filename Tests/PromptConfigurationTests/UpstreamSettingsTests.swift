import PromptConfiguration
import PromptCore
import Testing

struct UpstreamSettingsTests {
  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  @Test func everyKeyOfAnUpstreamIsRead() throws {
    let authorities = try fixture.write("-----BEGIN CERTIFICATE-----\n", to: "ca.pem")
    let upstream = try #require(
      fixture.load(
        """
        [[upstream]]
        name = "main"
        base_url = "https://api.example/openai/v1/"
        auth = "none"
        models = ["deepseek/*", "qwen-?"]
        max_concurrent = 3
        requests_per_minute = 60
        tokens_per_minute = 9000
        max_response = "8MiB"
        ca_file = "\(authorities)"
        proxy = "http://user:pass@proxy.example:3128"
        [upstream.timeouts]
        connect = "1s"
        first_byte = "2s"
        idle = "3s"
        total = "4min"
        [upstream.retry]
        attempts = 7
        base = "10ms"
        cap = "2s"
        budget = 0.5
        [upstream.breaker]
        failures = 9
        probe_after = "1s"
        probe_cap = "1h"
        """
      ).upstreams.first)
    #expect(upstream.name == "main")
    #expect(upstream.baseURL == "https://api.example/openai/v1/")
    #expect(upstream.address.url == "https://api.example/openai/v1")
    #expect(upstream.caFile == authorities)
    #expect(upstream.proxy == "http://user:pass@proxy.example:3128")
    #expect(upstream.maxResponse == 8 << 20)
    #expect(upstream.policy.models == [Glob("deepseek/*"), Glob("qwen-?")])
    #expect(upstream.policy.maxConcurrent == 3)
    #expect(upstream.policy.requestsPerMinute == 60)
    #expect(upstream.policy.tokensPerMinute == 9000)
    #expect(upstream.clocks.connect == .seconds(1))
    #expect(upstream.clocks.firstByte == .seconds(2))
    #expect(upstream.clocks.idle == .seconds(3))
    #expect(upstream.clocks.total == .seconds(240))
    #expect(upstream.policy.retry.attempts == 7)
    #expect(upstream.policy.retry.base == .milliseconds(10))
    #expect(upstream.policy.retry.cap == .seconds(2))
    #expect(upstream.policy.retry.budget == 0.5)
    #expect(upstream.policy.breaker.failures == 9)
    #expect(upstream.policy.breaker.probeAfter == .seconds(1))
    #expect(upstream.policy.breaker.probeCap == .seconds(3600))
  }

  @Test func aNameAndABaseURLAreNeeded() throws {
    let faults = try fixture.faults("[[upstream]]\nauth = \"none\"\n")
    #expect(faults.keyPaths == ["upstream[0].name", "upstream[0].base_url"])
  }

  @Test func upstreamsNeedNamesOfTheirOwn() throws {
    let faults = try fixture.faults(ConfigurationFixture.upstream + ConfigurationFixture.upstream)
    #expect(faults.keyPaths == ["upstream[1].name"])
  }

  @Test func oneTableInPlaceOfAListIsRefusedWithTheHeadingToWrite() throws {
    let faults = try fixture.faults("[upstream]\nname = \"a\"\n")
    #expect(faults.keyPaths == ["upstream"])
    #expect(faults.text.contains("[[upstream]]"))
  }

  @Test(arguments: [
    ("[upstream.timeouts]\nfirst_byte = \"11min\"", "timeouts.first_byte"),
    ("[upstream.timeouts]\ntotal = \"5s\"\nidle = \"6s\"", "timeouts.idle"),
    ("[upstream.timeouts]\ntotal = \"5s\"\nconnect = \"6s\"", "timeouts.connect"),
    ("[upstream.timeouts]\ntotal = \"0s\"", "timeouts.total"),
    ("[upstream.retry]\nbase = \"31s\"", "retry.base"),
    ("[upstream.retry]\ncap = \"1ms\"", "retry.cap"),
    ("[upstream.retry]\nattempts = 0", "retry.attempts"),
    ("[upstream.retry]\nbudget = 1.5", "retry.budget"),
    ("[upstream.retry]\nbudget = nan", "retry.budget"),
    ("[upstream.breaker]\nprobe_after = \"10min\"", "breaker.probe_after"),
    ("[upstream.breaker]\nfailures = 0", "breaker.failures"),
    ("max_concurrent = 1.5", "max_concurrent"),
    ("requests_per_minute = -1", "requests_per_minute"),
    ("models = []", "models"),
    ("models = \"*\"", "models"),
    ("models = [\"*\", 1]", "models[1]"),
    ("max_response = \"1B\"", "max_response"),
    ("proxy = \"ftp://proxy.example\"", "proxy"),
    ("timeouts = 60", "timeouts"),
  ])
  func whatContradictsOrIsOutOfRangeIsRefused(lines: String, key: String) throws {
    #expect(try fixture.faultsOfUpstream(lines).keyPaths == ["upstream[0].\(key)"])
  }

  @Test func aShortTotalAloneContradictsNoDefault() throws {
    #expect(try fixture.faultsOfUpstream("[upstream.timeouts]\ntotal = \"5s\"").isEmpty)
  }

  @Test func zeroRequestsAMinuteIsNoLimit() throws {
    let configuration = try fixture.load(
      ConfigurationFixture.upstream + "requests_per_minute = 0\n")
    #expect(configuration.upstreams.first?.policy.requestsPerMinute == nil)
  }

  @Test(arguments: ["absent.pem", "", "empty/"])
  func aFileOfAuthoritiesMustBeReadable(name: String) throws {
    let faults = try fixture.faultsOfUpstream("ca_file = \"\(fixture.folder)/\(name)\"")
    #expect(faults.keyPaths == ["upstream[0].ca_file"])
    #expect(faults.text.contains(fixture.folder))
  }

  @Test(arguments: ["unix:/run/a.sock:/v1", "http://127.0.0.1:8000/v1"])
  func aProxyToThisMachineIsAContradiction(address: String) throws {
    let faults = try fixture.faults(
      """
      [[upstream]]
      name = "a"
      base_url = "\(address)"
      auth = "none"
      proxy = "http://proxy.example"
      """)
    #expect(faults.keyPaths == ["upstream[0].proxy"])
  }

  @Test func theSandboxIsAnUpstreamWithoutAKey() {
    let sandbox = UpstreamSettings.sandbox(socket: "/tmp/sandbox.sock")
    #expect(sandbox.name == "sandbox")
    #expect(sandbox.baseURL == "sandbox")
    #expect(sandbox.address.unixSocket == "/tmp/sandbox.sock")
    #expect(sandbox.key == nil)
  }
}
