import PromptConfiguration
import PromptCore
import PromptProtocol
import Testing

/// The sections that are neither upstreams nor clients.
struct SectionsTests {
  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  @Test func everyKeyOfListenIsRead() throws {
    let tokens = try fixture.write("a-token robot\n", to: "tokens")
    let listen = try fixture.load(
      """
      [listen]
      socket = "/tmp/p.sock"
      mode = "0640"
      group = "dev"
      max_connections = 1
      max_connections_per_user = 2
      max_in_flight_per_connection = 3
      max_line_bytes = "1MiB"
      max_buffered = "8MiB"
      write_timeout = "5s"
      http = "[::1]:4891"
      http_tokens_file = "\(tokens)"
      [[client]]
      name = "robot"
      user = "alice"
      """
    ).listen
    #expect(listen.socket == "/tmp/p.sock")
    #expect(listen.mode == 0o640)
    #expect(listen.group == 2000)
    #expect(listen.maxConnections == 1)
    #expect(listen.maxConnectionsPerUser == 2)
    #expect(listen.maxInFlightPerConnection == 3)
    #expect(listen.maxLineBytes == 1 << 20)
    #expect(listen.maxBuffered == 8 << 20)
    #expect(listen.writeTimeout == .seconds(5))
    #expect(listen.http == LoopbackAddress("[::1]:4891"))
    #expect(listen.httpTokensSource == .file(tokens))
    #expect(listen.httpTokens == [AccessToken(token: APIKey("a-token"), client: "robot")])
  }

  @Test func everyKeyOfLogApiCacheStateAndServiceIsRead() throws {
    let configuration = try fixture.load(
      """
      [log]
      level = "warning"
      format = "json"
      content = true
      [api]
      validate = true
      strict = true
      [cache]
      file = "/tmp/c.sqlite"
      mode = "replay"
      memory = "1MiB"
      disk = "2MiB"
      ttl = "1h"
      stale_if_error = "0s"
      unseeded = false
      vary = ["temperature"]
      max_entry = "64KiB"
      keep_requests = false
      keep_sandbox = true
      [state]
      file = "/tmp/s.sqlite"
      keep_jobs = "1d"
      [service]
      stop_timeout = "1min"
      """)
    #expect(configuration.log.level == .warning)
    #expect(configuration.log.format == .json)
    #expect(configuration.log.content)
    #expect(configuration.api.strict)
    let cache = configuration.cache
    #expect(cache.file == "/tmp/c.sqlite")
    #expect(cache.policy.mode == .replay)
    #expect(cache.policy.memory == 1 << 20)
    #expect(cache.policy.disk == 2 << 20)
    #expect(cache.policy.ttl == .seconds(3600))
    #expect(cache.policy.staleIfError == .zero)
    #expect(!cache.policy.unseeded)
    #expect(cache.policy.vary == .members(["temperature"]))
    #expect(cache.policy.maxEntry == 64 << 10)
    #expect(!cache.policy.keepRequests)
    #expect(cache.policy.keepSandbox)
    #expect(configuration.state.file == "/tmp/s.sqlite")
    #expect(configuration.state.keepJobs == .seconds(86_400))
    #expect(configuration.service.stopTimeout == .seconds(60))
  }

  @Test func everyKeyOfQueueAndPricesIsRead() throws {
    let configuration = try fixture.load(
      """
      [queue]
      max_queued = 7
      max_wait = "3min"
      age_step = "2s"
      share = { idle = 0.25 }
      [prices."deepseek/deepseek-v3"]
      input = 0.27
      output = 1
      """)
    #expect(configuration.queue.maxQueued == 7)
    #expect(configuration.queue.maxWait == .seconds(180))
    #expect(configuration.queue.ageStep == .seconds(2))
    #expect(configuration.queue.share == [.idle: 0.25, .low: 0.75])
    #expect(configuration.prices == ["deepseek/deepseek-v3": Price(input: 0.27, output: 1)])
  }

  @Test(arguments: [
    ("[listen]\nsocket = \"p.sock\"", "listen.socket"),
    ("[listen]\nsocket = \"/\(String(repeating: "x", count: 107))\"", "listen.socket"),
    ("[listen]\nmode = 660", "listen.mode"),
    ("[listen]\nmode = \"0888\"", "listen.mode"),
    ("[listen]\nmode = \"1777\"", "listen.mode"),
    ("[listen]\ngroup = \"nobodies\"", "listen.group"),
    ("[listen]\nmax_connections = 0", "listen.max_connections"),
    ("[listen]\nmax_line_bytes = \"1GiB\"", "listen.max_line_bytes"),
    ("[listen]\nmax_buffered = \"16MiB\"", "listen.max_buffered"),
    ("[listen]\nwrite_timeout = 60", "listen.write_timeout"),
    ("[listen]\nhttp = \"127.0.0.1:4891\"", "listen.http"),
    ("[log]\nlevel = \"trace\"", "log.level"),
    ("[log]\nformat = \"xml\"", "log.format"),
    ("[api]\nvalidate = false\nstrict = true", "api.strict"),
    ("[cache]\nvary = [\"*\", \"n\"]", "cache.vary"),
    ("[cache]\nttl = \"0s\"", "cache.ttl"),
    ("[cache]\nttl = 2026-01-01", "cache.ttl"),
    ("[cache]\nmemory = \"1KiB\"", "cache.memory"),
    ("[cache]\nmemory = \"99999999999999GiB\"", "cache.memory"),
    ("[cache]\nmode = \"off\"", "cache.mode"),
    ("[cache]\nfile = \"/a\"\n[state]\nfile = \"/a\"", "state"),
    ("[queue]\nmax_queued = 9223372036854775807", "queue.max_queued"),
    ("[queue]\nmax_wait = \"1000d\"", "queue.max_wait"),
    ("[queue.share]\nlow = 2", "queue.share.low"),
    ("[queue.share]\nnormal = 0.5", "queue.share.normal"),
    ("[service]\nstop_timeout = \"1h\"", "service.stop_timeout"),
    ("[prices.\"a b\"]\ninput = 1", "prices.\"a b\".output"),
    ("prices = 3", "prices"),
    ("log = [1]", "log"),
  ])
  func whatContradictsOrIsOutOfRangeIsRefused(text: String, keyPath: String) throws {
    #expect(try fixture.faults(text).keyPaths == [keyPath])
  }

  @Test func onlyTheMembersThatAreNamedVaryTheCache() throws {
    #expect(try fixture.load("[cache]\nvary = []").cache.policy.vary == .members([]))
    #expect(try fixture.load("[cache]\nvary = [\"*\"]").cache.policy.vary == .everything)
  }

  @Test func anEmptyGroupLeavesTheSocketsGroup() throws {
    #expect(try fixture.load("[listen]\ngroup = \"\"").listen.group == nil)
  }
}
