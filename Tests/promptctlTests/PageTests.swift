import JSON
import PromptClient
import Testing

@testable import promptctl

struct PageTests {
  private func tree(_ json: String) throws -> JSONTree { try JSONTree(parsing: json.utf8) }

  @Test func theQueueIsATable() throws {
    let queue = try tree(
      """
      {"rows":[{"request":"r-1","client":"me","model":"m","class":"low","state":"queued",\
      "waited_ms":2400,"position":1,"eta_ms":90000},{"request":"r-2","state":"running","tokens":37}]}
      """)
    #expect(
      QueuePage.text(queue, .plain) == """
        REQUEST  CLIENT  MODEL  CLASS  STATE    WAITED  POSITION   STARTS IN  TOKENS
        r-1      me      m      low    queued    2.4 s         1  1 min 30 s       -
        r-2      -       -      -      running       -         -           -      37

        """)
  }

  @Test(arguments: ["{}", #"{"rows":[]}"#, #"{"rows":7}"#, "[]", "null"])
  func anEmptyQueueIsItsHeadings(json: String) throws {
    let text = QueuePage.text(try tree(json), .plain)
    #expect(text == "REQUEST  CLIENT  MODEL  CLASS  STATE  WAITED  POSITION  STARTS IN  TOKENS\n")
  }

  @Test func theCacheSaysWhatItHoldsAndSaved() throws {
    let cache = try tree(
      """
      {"memory":{"entries":3,"bytes":4096,"limit":67108864},"disk":{"entries":5,"bytes":40960,\
      "limit":1073741824,"state":"serving"},"hits":{"memory":8,"disk":1},"misses":3,"joined":0,\
      "stored":3,"not_stored":{"sandbox":2,"truncated":1},"stale":1,\
      "saved":{"answers":9,"tokens_in":10,"tokens_out":20,"seconds":3.25,"cost":0.5}}
      """)
    #expect(
      CachePage.text(cache, .plain) == """
        Cache
          memory      3 answers, 4 KiB of 64 MiB
          disk        5 answers, 40 KiB of 1 GiB, serving
          hits        9 (8 memory, 1 disk), 75 %
          misses      3
          joined      0
          stored      3
          not stored  2 sandbox, 1 truncated
          stale       1
          saved       9 answers, 10 tokens in, 20 out, 3.3 s, 0.50

        """)
  }

  @Test func theStatusIsAPageOfItsParts() throws {
    let status = try tree(
      """
      {"version":"0.1.0","pid":42,"uptime_s":7300,"state":"serving","socket":"/s",\
      "connections":2,"upstreams":[{"name":"jiekou","base_url":"https://h/v1","models":["a","b*"],\
      "state":"serving","running":1,"max_concurrent":16,"queued":2}],"queue":{"queued":2,\
      "running":1,"max_queued":100,"by_class":{"urgent":0,"high":1,"normal":1}},\
      "clients":[{"name":"me","connections":1,"requests":12,"hits":9,"errors":0,"running":1,"queued":2,\
      "tokens_today":700,"tokens_per_day":1000,"cost_today":0.126}],\
      "requests":{"total":12,"hits":9,"joined":0,"misses":3,"errors":0},\
      "store":{"state":"off"},"log":{"dropped":3}}
      """)
    #expect(
      StatusPage.text(status, .plain) == """
        promptd 0.1.0
          state        serving
          pid          42
          up           2 h 1 min
          socket       /s
          connections  2
          requests     12: 9 hits, 0 joined, 3 misses, 0 errors
          store        off
          log          3 entries dropped

        UPSTREAM  ADDRESS       MODELS  STATE    RUNNING  QUEUED
        jiekou    https://h/v1  a b*    serving     1/16       2

        Queue
          queued    2 of 100
          running   1
          by class  high 1, normal 1

        CLIENT  CONNECTIONS  RUNNING  QUEUED  REQUESTS  HITS  ERRORS       TOKENS  COST
        me                1        1       2        12     9       0  700 of 1000  0.13

        """)
  }

  @Test func whatWasMovedOrPausedIsOneLine() throws {
    let moved = try tree(#"{"request":"r-1","priority":"high","priority_asked":"urgent"}"#)
    #expect(
      QueuePage.moved(moved, .plain)
        == "r-1 waits as high now, which is as far as you may (not urgent)\n")
    #expect(QueuePage.paused(try tree(#"{"paused":["a","b"]}"#), .plain) == "paused: a, b\n")
    #expect(QueuePage.paused(try tree("{}"), .plain) == "no upstream is paused\n")
  }

  @Test(arguments: ["{}", "null", #"{"upstreams":1,"queue":[],"cache":"x","clients":{}}"#])
  func aStatusWithoutMembersIsNoFault(json: String) throws {
    #expect(StatusPage.text(try tree(json), .plain) == "")
  }

  @Test func anUpstreamThatFailsSaysOfWhatAndForHowLong() throws {
    let status = try tree(
      """
      {"upstreams":[{"name":"a","base_url":"o","models":["*"],"state":"failing","retry_in_ms":8200,\
      "trouble":"gone","running":0,"max_concurrent":1,"queued":3},{"name":"b","base_url":"o",\
      "models":["*"],"state":"serving","key_rejected":true,"running":0,"max_concurrent":1,"queued":0}]}
      """)
    #expect(
      StatusPage.text(status, .plain) == """
        UPSTREAM  ADDRESS  MODELS  STATE        RUNNING  QUEUED
        a         o        *       failing 9 s      0/1       3
        b         o        *       serving          0/1       0
        a: gone
        b rejects the key

        """)
  }

  @Test func aStatusWithoutUpstreamsShowsTheirHeadings() throws {
    let text = StatusPage.text(try tree(#"{"upstreams":[],"log":{"dropped":0}}"#), .plain)
    #expect(text == "UPSTREAM  ADDRESS  MODELS  STATE  RUNNING  QUEUED\n")
  }

  @Test func aPingIsOneLine() throws {
    let full = PingResult(
      try tree(#"{"version":"0.1.0","protocol":1,"client":"me","pid":42,"uptime_s":60}"#))
    #expect(
      PingPage.text(full, time: .milliseconds(3))
        == "promptd 0.1.0 answers, pid 42, up 1 min, you are me, 3 ms\n")
    let bare = PingPage.text(PingResult(try tree("{}")), time: .zero)
    #expect(bare == "promptd of an unknown version answers, 0 ms\n")
  }
}
