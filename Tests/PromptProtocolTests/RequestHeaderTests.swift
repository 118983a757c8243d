import PromptProtocol
import Testing

/// What the headers of an HTTP request say of how it wants to be treated.
struct RequestHeaderTests {
  private func options(_ headers: [String: String]) throws -> RequestOptions {
    try RequestOptions { headers[$0] }
  }

  @Test func withoutHeadersNothingIsSaid() throws {
    #expect(try options([:]) == RequestOptions())
  }

  @Test(
    arguments: [
      ("no-cache", CacheControl.refresh, nil), ("no-store", .bypass, nil),
      ("only-if-cached", .only, nil), ("max-age=60", .use, 60),
      ("Max-Age=5 , ONLY-IF-CACHED", .only, 5), ("public, max-age=x, s-maxage=9", .use, nil),
      ("max-age=-1", .use, nil), ("no-store, no-cache", .bypass, nil),
      ("max-age=0,no-store", .bypass, 0), ("no-cache,only-if-cached", .only, nil),
      ("max-age=60, max-age=\"5\"", .use, 5), ("max-age=99999999999999999999", .use, 1e9),
      ("max-age=99999999999999", .use, 1e9), ("", .use, nil),
    ] as [(String, CacheControl, Double?)])
  func cacheControlIsMapped(text: String, control: CacheControl, maxAge: Double?) throws {
    let options = try options(["cache-control": text])
    #expect(options.cache == control)
    #expect(options.maxAge == maxAge)
  }

  @Test func ourOwnHeadersGoFirst() throws {
    let options = try options([
      "cache-control": "no-store", "x-promptd-cache": "use", "x-promptd-priority": "low",
    ])
    #expect(options.cache == .use && options.priority == .low)
  }

  @Test(arguments: [("x-promptd-cache", "never"), ("x-promptd-priority", "Low")])
  func aWrongValueIsAFaultThatNamesTheHeader(name: String, value: String) throws {
    do {
      _ = try options([name: value])
      Issue.record("\(value) was taken")
    } catch let error as WireError {
      #expect(error.name == .invalidParams)
      #expect(error.param?.lowercased() == name)
    }
  }

  @Test func theBodysOwnMemberGoesBeforeTheHeaders() throws {
    var defaults = RequestOptions()
    defaults.cache = .bypass
    defaults.priority = .low
    try withJSON(body(#""promptd":{"cache":"use"}"#)) { root in
      let options = try ChatBody(root, defaults: defaults).options
      #expect(options.cache == .use && options.priority == .low)
    }
    try withJSON(body(#""x":1"#)) { root in
      let options = try ChatBody(root, defaults: defaults).options
      #expect(options == defaults)
    }
  }
}
