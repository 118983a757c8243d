import JSON
import Testing

struct JSONParserTests {
  static let sample =
    #"{"a":[1,-2.5e3,true,false,null,"x\n\u20ac\ud83d\ude00"],"b":{"":{}},"c":"é😀"}"#

  @Test(arguments: [
    "null", "true", "false", "0", "-0", "1.5", "\"\"", "[]", "{}", " [ ] ", "\t\r\n1\n", sample,
    "-9223372036854775808", "18446744073709551615", "1.7976931348623157e308", "1e-999",
    #""\u0000""#, "[\"\u{7F}\u{FFFF}\u{10FFFF}\"]",
  ])
  func aDocumentWithinTheLimitsIsTaken(text: String) throws {
    #expect(try refusal(text) == nil)
  }

  @Test(arguments: [
    "", " ", "\n", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:2}", "nul", "nulll", "True", "NaN", "Infinity", "+1",
    "01", "-", "-01", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1 2", "{}{}", "[] x", "\"",
    "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\t\"", "// c\n1", "/**/1",
    "[1}", "{\"a\":1]", "[\"a\":1]", "{\"a\" 1}", "1,", "\u{FEFF}1", "\u{A0}1", "\u{C}1",
  ])
  func whatIsNoJSONIsRefused(text: String) throws {
    #expect(try refusal(text) != nil)
  }

  @Test(arguments: [
    "18446744073709551616", "-9223372036854775809", "1e309", "-1e309", "1.8e308",
    "100000000000000000000000",
  ])
  func numbersOutOfRangeAreRefusedWithTheRange(text: String) throws {
    #expect(try refusal(text)?.contains("-2^63 to 2^64-1") == true)
    #expect(try refusal("[\(text)]")?.contains("-2^63 to 2^64-1") == true)
  }

  @Test(arguments: ["1", "\"x\"", "[]", "{}", #"{"a":1}"#])
  func documentsNestUpToTheLimitWhateverIsInnermost(innermost: String) throws {
    let inner = innermost.first == "[" || innermost.first == "{" ? 1 : 0
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth - inner) + innermost
        + String(repeating: "]", count: depth - inner)
    }
    #expect(JSONParser.maximumDepth == 1024)
    #expect(try refusal(nested(1023)) == nil)
    #expect(try refusal(nested(1024)) == nil)
    for depth in [1025, 1026, 2000] {
      #expect(try refusal(nested(depth)) == "nests deeper than 1024 levels")
    }
  }

  @Test func objectsAndArraysCountTogether() throws {
    func nested(_ pairs: Int) -> String {
      String(repeating: #"{"a":["#, count: pairs) + "1" + String(repeating: "]}", count: pairs)
    }
    #expect(try refusal(nested(512)) == nil)
    #expect(try refusal(nested(513)) != nil)
  }

  @Test(arguments: ["[", #"{"a":"#, "[{\"a\":"])
  func aMillionOpenBracketsAreRefusedWithoutRecursion(piece: String) throws {
    #expect(try refusal(String(repeating: piece, count: 1_000_000)) != nil)
  }

  @Test(arguments: [
    #""\ud800""#, #""\udc00""#, #""\udfff\ud800""#, #""\ud800x""#, #""\ud800\n""#,
    #""\ud800\u0041""#, #""\ud800\ud800\udc00""#, #""\ud83d\ude00\ude00""#, #"{"\udc00":1}"#,
    #""\uD800""#, #""\uDFFF""#,
  ])
  func loneSurrogatesAreRefused(text: String) throws {
    #expect(try refusal(text)?.contains("lone surrogate") == true)
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xED, 0xA0, 0x80],
      [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80],
      [0xFE], [0xFF],
    ] as [[UInt8]])
  func whatIsNotUTF8IsRefused(bytes: [UInt8]) throws {
    #expect(try refusal([0x22] + bytes + [0x22]) != nil)
    #expect(try refusal([0x22] + Array(repeating: 0x61, count: 100) + bytes + [0x22]) != nil)
    #expect(try refusal(Array("{}".utf8) + bytes) != nil)
  }

  @Test(arguments: ["", "[1,", "\"a", "{\"a", "{\"a\":1", "1"])
  func aNulByteIsRefusedWhereverItStands(before: String) throws {
    let after = ["": "1", "[1,": "2]", "\"a": "\"", "{\"a": "\":1}", "{\"a\":1": "}", "1": ""]
    let rest = try #require(after[before])
    #expect(try refusal("\(before)\0\(rest)") != nil)
  }

  @Test func aDocumentCutAtAnyByteIsRefused() throws {
    let bytes = Array(Self.sample.utf8)
    for count in 0..<bytes.count {
      #expect(try refusal(bytes[..<count]) != nil, "\(count)")
    }
    #expect(try refusal(bytes) == nil)
  }

  @Test func whatFollowsTheInputIsNotLookedAt() throws {
    for filler in [UInt8(ascii: "9"), UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x00, 0xFF] {
      for text in ["1", "-2.5", "true", "null", "\"a\"", "[]", "{\"a\":1}", "\"a\\n\""] {
        var bytes = Array(text.utf8)
        let count = bytes.count
        bytes += Array(repeating: filler, count: JSONParser.padding)
        let raw = try bytes.withUnsafeBytes { whole in
          try JSONParser().withDocument(padded: UnsafeRawBufferPointer(rebasing: whole[..<count])) {
            String(decoding: $0.raw, as: UTF8.self)
          }
        }
        #expect(raw == text)
      }
    }
  }

  @Test func aDocumentWhoseEndIsInThePaddingIsRefused() throws {
    for text in ["\"a\"", "true", "[1]", "\"\\u0041\"", "{\"a\":\"b\"}"] {
      let bytes = Array(text.utf8) + Array(repeating: 0x20, count: JSONParser.padding)
      for count in 1..<text.utf8.count {
        bytes.withUnsafeBytes { whole in
          _ = #expect(throws: JSONError.self) {
            try JSONParser().withDocument(
              padded: UnsafeRawBufferPointer(rebasing: whole[..<count])
            ) { _ in }
          }
        }
      }
    }
  }

  @Test func inputOverTwoGigabytesIsRefusedUnread() throws {
    // Only the length is looked at: the memory behind it is one byte.
    withUnsafePointer(to: UInt8(0x20)) { byte in
      let claimed = UnsafeRawBufferPointer(start: byte, count: 1 << 31 + 1)
      _ = #expect(throws: JSONError("is over 2 GiB")) {
        try JSONParser().withDocument(padded: claimed) { _ in }
      }
    }
  }

  @Test func aParserGoesOnAfterARefusal() throws {
    let parser = JSONParser()
    let deep = String(repeating: "[", count: 2000)
    for bad in ["[1,", deep, #"{"a":1,"a":2}"#, #""\ud800""#, "", "1e999"] {
      #expect(throws: JSONError.self) { try parser.withDocument(of: bad.utf8) { _ in } }
      #expect(try parser.withDocument(of: Self.sample.utf8) { $0["a"].elements.count } == 6)
    }
  }

  @Test func aParserGivesBackWhatALargeDocumentTookAndStillKeepsItsLimits() throws {
    let parser = JSONParser()
    let large = "[" + String(repeating: "1,", count: 1_000_000) + "1]"
    #expect(
      try parser.withDocument(of: large.utf8) { $0.elements.reduce(0) { n, _ in n + 1 } }
        == 1_000_001)
    let deep = String(repeating: "[", count: 1025) + String(repeating: "]", count: 1025)
    #expect(throws: JSONError.self) { try parser.withDocument(of: deep.utf8) { _ in } }
    #expect(try parser.withDocument(of: "[1,2]".utf8) { $0.elements.map(\.int) } == [1, 2])
  }

  @Test func aByteOrderMarkIsNamed() throws {
    #expect(try refusal("\u{FEFF}{}")?.contains("byte order mark") == true)
  }

  @Test func anErrorOfTheCallersPassesThrough() {
    struct Own: Error {}
    #expect(throws: Own.self) { try withJSON("1") { _ in throw Own() } }
  }

  @Test func aRefusalNeverQuotesTheInput() throws {
    for text in [#"{"secret":1,"secret":2}"#, #"["secret" x]"#, #""secret\ud800""#, #""secret"#] {
      #expect(try refusal(text)?.contains("secret") == false)
    }
  }
}
