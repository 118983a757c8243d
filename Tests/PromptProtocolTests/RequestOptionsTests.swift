import JSON
import PromptProtocol
import Testing

struct RequestOptionsTests {
  private func options(_ text: String) throws -> RequestOptions {
    try withJSON(text) { try RequestOptions($0) }
  }

  private func fault(_ text: String) throws -> WireError? {
    do {
      _ = try options(text)
      return nil
    } catch let error as WireError {
      return error
    }
  }

  @Test func everyMemberIsRead() throws {
    let options = try options(
      #"""
      {"priority":"low","cache":"refresh","max_age":60,"ttl":0.5,"max_wait":1e3,"timeout":0,
       "label":"nightly \u00e9","events":true}
      """#)
    #expect(options.priority == .low)
    #expect(options.cache == .refresh)
    #expect(options.maxAge == 60)
    #expect(options.ttl == 0.5)
    #expect(options.maxWait == 1000)
    #expect(options.timeout == 0)
    #expect(options.label == "nightly é")
    #expect(options.events)
  }

  @Test(arguments: [
    "{}",
    #"""
    {"priority":null,"cache":null,"max_age":null,"ttl":null,"max_wait":null,"timeout":null,
     "label":null,"events":null}
    """#,
  ])
  func whatIsLeftOutOrNullIsLeftToTheConfiguration(text: String) throws {
    #expect(try options(text) == RequestOptions())
    #expect(RequestOptions().cache == .use)
  }

  @Test func everyClassAndEveryCacheModeHasAName() throws {
    for name in ["idle", "low", "normal", "high", "urgent"] {
      #expect(try options(#"{"priority":"\#(name)"}"#).priority?.name == name)
    }
    for name in ["use", "refresh", "bypass", "only"] {
      #expect(try options(#"{"cache":"\#(name)"}"#).cache.rawValue == name)
    }
  }

  @Test(arguments: [
    ("[]", "promptd", "promptd must be an object, not an array"),
    ("\"low\"", "promptd", "promptd must be an object, not a string"),
    (
      #"{"priority":"LOW"}"#, "promptd.priority",
      "promptd.priority must be one of idle, low, normal, high, urgent"
    ),
    (
      #"{"priority":1}"#, "promptd.priority",
      "promptd.priority must be one of idle, low, normal, high, urgent"
    ),
    (
      #"{"cache":"off"}"#, "promptd.cache",
      "promptd.cache must be one of use, refresh, bypass, only"
    ),
    (
      #"{"cache":false}"#, "promptd.cache",
      "promptd.cache must be one of use, refresh, bypass, only"
    ),
    (#"{"events":1}"#, "promptd.events", "promptd.events must be a boolean, not an integer"),
    (#"{"label":7}"#, "promptd.label", "promptd.label must be a string of at most 128 bytes"),
  ])
  func aFaultyMemberIsNamed(text: String, param: String, message: String) throws {
    let fault = try #require(try fault(text))
    #expect(fault.name == .invalidParams)
    #expect(fault.param == param)
    #expect(fault.message == message)
  }

  @Test(arguments: ["max_age", "ttl", "max_wait", "timeout"])
  func spansAreSecondsFromNoneToABillion(name: String) throws {
    for good in ["0", "-0", "0.001", "1000000000", "1e9"] {
      #expect(try fault("{\"\(name)\":\(good)}") == nil)
    }
    for bad in ["-1", "-0.001", "1000000001", "1e300", "\"60\"", "true", "[]"] {
      let fault = try #require(try fault("{\"\(name)\":\(bad)}"))
      #expect(fault.param == "promptd.\(name)")
      #expect(
        fault.message == "promptd.\(name) must be a number of seconds from 0 to 1000000000")
    }
  }

  @Test func labelsAreAtMost128Bytes() throws {
    func text(_ label: String) -> String { #"{"label":"\#(label)"}"# }
    #expect(try fault(text("")) == nil)
    #expect(try fault(text(String(repeating: "x", count: 128))) == nil)
    #expect(try fault(text(String(repeating: "é", count: 64))) == nil)
    #expect(try fault(text(String(repeating: "x", count: 129)))?.param == "promptd.label")
    #expect(try fault(text(String(repeating: "é", count: 65)))?.param == "promptd.label")
  }

  @Test(arguments: ["prioritty", "Cache", "max-age", "", "events "])
  func anUnknownMemberIsAnErrorWhateverItHolds(name: String) throws {
    for value in ["1", "null", "{}"] {
      let fault = try #require(try fault("{\"\(name)\":\(value)}"))
      #expect(fault.param == "promptd.\(name)")
      #expect(fault.message.hasPrefix("promptd.\(name) is not known; promptd takes priority, "))
    }
  }

  @Test func membersAreKnownThoughTheirNamesAreEscaped() throws {
    #expect(try options(#"{"c\u0061che":"b\u0079pass"}"#).cache == .bypass)
  }

  @Test func aHugeUnknownNameIsNotEchoedWhole() throws {
    let name = "e" + String(repeating: "\u{301}", count: 100_000)
    let fault = try #require(try fault("{\"\(name)\":1}"))
    #expect(fault.message.utf8.count < 500)
    #expect((fault.param ?? "").utf8.count < 300)
  }
}
