import Crypto
import JSON
import PromptCore
import PromptProtocol
import Testing

@Suite struct KeyMakerTests {
  private static let messages = #""messages":[{"role":"user","content":"hi"}]"#

  /// The canonical forms and the keys of a body with these members.
  private func made(
    _ members: String, messages: String = Self.messages, vary: VaryRule = .everything,
    namespace: String? = nil
  ) throws -> (key: String, variant: String, keys: CacheKeys) {
    let text = #"{"model":"m",\#(messages)\#(members)}"#
    return try JSONParser().withDocument(of: text.utf8) { root in
      var maker = KeyMaker(vary: vary)
      let keys = try maker.keys(for: try ChatBody(root), namespace: namespace)
      return (
        String(decoding: maker.canonicalKey, as: UTF8.self),
        String(decoding: maker.canonicalVariant, as: UTF8.self), keys
      )
    }
  }

  @Test func theKeyIsTheHashOfModelMessagesAndSeed() throws {
    let made = try made(#","seed":7"#)
    #expect(made.key == #"{"messages":[{"content":"hi","role":"user"}],"model":"m","seed":7}"#)
    let hash = SHA256.hash(data: Array(made.key.utf8)).map { $0 }
    #expect(made.keys.key == PromptProtocol.Digest(bytes: hash))
    #expect(try self.made("").key.hasSuffix(#""seed":null}"#))
  }

  @Test func aPrivateClientHasANamespaceOfItsOwn() throws {
    let made = try made("", namespace: "uid-1000")
    #expect(made.key.contains(#""model":"m","namespace":"uid-1000","seed":null"#))
    #expect(try made.keys.key != self.made("").keys.key)
    #expect(try made.keys.variant == self.made("").keys.variant)
  }

  @Test func theVariantIsAllTheRest() throws {
    #expect(try made("").variant == "{}")
    #expect(
      try made(#","temperature":0.20,"made_up":[1.0,"x"],"stream":true,"promptd":{}"#).variant
        == #"{"made_up":[1,"x"],"temperature":0.2}"#)
    #expect(try made(#","n":1,"stop":null"#).variant == "{}")
    #expect(try made(#","n":2"#).variant == #"{"n":2}"#)
    // Another model's defaults may differ, so any other default counts.
    #expect(try made(#","temperature":1"#).variant == #"{"temperature":1}"#)
  }

  /// Whether the kept form of a body leads to its own keys again.
  private func comesBack(_ members: String, vary: VaryRule = .everything) throws -> Bool {
    let made = try made(members, vary: vary)
    let kept = KeyMaker.kept(key: Array(made.key.utf8), variant: Array(made.variant.utf8))
    return try JSONParser().withDocument(of: kept) { root in
      let again = KeyMaker.keys(ofKept: root)
      return again?.keys == made.keys && again?.canonical == kept
    }
  }

  @Test(arguments: [
    "", #","temperature":0.20,"verbosity":"low","a":1"#, #","n":2,"promptdx":1,"vary":["x"]"#,
    #","web_search_options":{"b":1,"a":2}"#,
  ])
  func aKeptRequestLeadsToItsOwnKeysAgain(_ members: String) throws {
    #expect(try comesBack(members))
    for names in [[], ["verbosity"], ["a", "verbosity", "vary", "web_search_options"]] {
      #expect(try comesBack(members, vary: .members(Set(names))), "\(names)")
    }
  }

  @Test func whatNobodyWouldAskForIsMadeWhatSomebodyDoes() throws {
    let kept =
      #"{"key":{"messages":[{"content":"hi","role":"user"}],"model":"m","seed":null},"variant":"#
      + #"{"n":1,"stop":null,"stream":true,"temperature":0.50}}"#
    let keys = try JSONParser().withDocument(of: kept.utf8) { KeyMaker.keys(ofKept: $0)?.keys }
    #expect(try keys == made(#","temperature":0.5"#).keys)
  }

  @Test(arguments: ["tools", "response_format"])
  func whereTheModelSeesTheOrderItCounts(_ name: String) throws {
    func members(_ inside: String) -> String {
      name == "tools"
        ? #","tools":[{"type":"function","function":{"name":"f","parameters":{\#(inside)}}}]"#
        : #","response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{\#(inside)}}}"#
    }
    let one = try made(members(#""a":1,"b":2"#))
    let other = try made(members(#""b":2,"a":1"#))
    #expect(one.keys.variant != other.keys.variant)
    #expect(one.keys.key == other.keys.key)
  }

  @Test func neighbouringSeedsAreTwoKeys() throws {
    let low = try made(#","seed":9007199254740992"#)
    let high = try made(#","seed":9007199254740993"#)
    #expect(low.keys.key != high.keys.key)
    #expect(try made(#","seed":5.0"#).keys.key == made(#","seed":5"#).keys.key)
    #expect(throws: WireError.self) { try made(#","seed":9007199254740992.0"#) }
  }

  @Test func stringsAreComparedByteForByte() throws {
    func key(_ text: String) throws -> PromptProtocol.Digest {
      try made("", messages: #""messages":[{"role":"user","content":"\#(text)"}]"#).keys.key
    }
    #expect(try key("\u{e9}") != key("e\u{301}"), "NFC and NFD")
    #expect(try key("a") != key("a "))
    #expect(try key("a") != key("A"))
    #expect(try key("\\u0061") == key("a"))
  }

  @Test func underALooseRuleOnlyItsMembersCountAndTheRuleItself() throws {
    let rule = VaryRule.members(["temperature"])
    let loose = try made(#","temperature":0.5,"top_p":0.9,"n":2"#, vary: rule)
    #expect(loose.variant == #"{"n":2,"temperature":0.5,"promptd":{"vary":["temperature"]}}"#)
    #expect(try made("", vary: .members([])).variant == #"{"promptd":{"vary":[]}}"#)
    #expect(try made("", vary: .members([])).keys.variant != made("").keys.variant)
  }
}
