import JSON
import Testing

struct CanonicalJSONTests {
  @Test func thePublishedExampleComesOutAsPublished() throws {
    // RFC 8785, sections 3.2.2 and 3.2.4.
    let input = #"""
      {
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      }
      """#
    let expected =
      #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
      + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(try canonical(input) == expected)
  }

  /// RFC 8785, section 3.2.3.
  private static let sorted = [
    (#""\r""#, "Carriage Return"), ("\"1\"", "One"), ("\"\u{80}\"", "Control"),
    ("\"\u{F6}\"", "Latin Small Letter O With Diaeresis"), ("\"\u{20AC}\"", "Euro Sign"),
    ("\"\u{1F600}\"", "Emoji: Grinning Face"),
    ("\"\u{FB33}\"", "Hebrew Letter Dalet With Dagesh"),
  ]

  private var sortedText: String {
    "{" + Self.sorted.map { "\($0.0):\"\($0.1)\"" }.joined(separator: ",") + "}"
  }

  @Test func membersAreSortedByUTF16UnitsWhereNamesAreEscaped() throws {
    let input = #"""
      {"\u20ac": "Euro Sign", "\r": "Carriage Return",
       "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
       "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
       "\u00f6": "Latin Small Letter O With Diaeresis"}
      """#
    #expect(try canonical(input) == sortedText)
  }

  @Test func membersAreSortedByUTF16UnitsWhereNamesAreNotEscaped() throws {
    let members = Self.sorted.filter { $0.0 != #""\r""# }.map { "\($0.0):\"\($0.1)\"" }
    let expected = "{" + members.joined(separator: ",") + "}"
    let input = "{" + members.reversed().joined(separator: " , ") + "}"
    #expect(try canonical(input) == expected)
  }

  @Test func anyTwoNamesAreOrderedLikeTheirUTF16() throws {
    let scalars: [Unicode.Scalar] = [
      "\u{1}", "0", "a", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}",
      "\u{FFFD}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
    ]
    for left in scalars {
      for right in scalars where left != right {
        let names = ["x\(left)", "x\(right)"].sorted {
          $0.utf16.lexicographicallyPrecedes($1.utf16)
        }
        for text in [names, names.reversed()] {
          var writer = JSONWriter()
          writer.object { for name in text { $0.name(name); $0.null() } }
          let root = try JSONTree(
            parsing: canonical(String(decoding: writer.bytes, as: UTF8.self)).utf8)
          #expect(root.members?.map(\.name) == names)
        }
      }
    }
  }

  @Test func aNameSortsBeforeItsOwnExtensionAndTheEmptyNameFirst() throws {
    #expect(try canonical(#"{"ab":1,"a!":2,"a":3,"":4}"#) == #"{"":4,"a":3,"a!":2,"ab":1}"#)
    #expect(
      try canonical(#"{"\u0061b":1,"a!":2,"a":3,"":4}"#) == #"{"":4,"a":3,"a!":2,"ab":1}"#)
  }

  @Test func whiteSpaceGoes() throws {
    #expect(
      try canonical(" \t\r\n{ \"b\" : [ 1 , 2 ] ,\n\"a\":\t{ } }\n") == #"{"a":{},"b":[1,2]}"#)
  }

  @Test func stringsKeepTheirCaseTheirSpaceAndTheirNormalForm() throws {
    let composed = "\"\u{E9} \""
    let decomposed = "\"e\u{301} \""
    #expect(Array(try canonical(composed).utf8) == Array(composed.utf8))
    #expect(Array(try canonical(decomposed).utf8) == Array(decomposed.utf8))
  }

  @Test func everyControlCharacterHasItsShortestEscape() throws {
    for unit in 0..<0x20 {
      let escape = "\\u00" + (unit < 16 ? "0" : "") + String(unit, radix: 16, uppercase: true)
      let short = [8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"][unit]
      #expect(try canonical("\"\(escape)\"") == "\"\(short ?? escape.lowercased())\"")
    }
    #expect(try canonical(#""\u007f\u2028\u00e9""#) == "\"\u{7F}\u{2028}\u{E9}\"")
  }

  @Test func keepingOrderHoldsAtAnyDepthAndStringsStayCanonical() throws {
    let input = #"{"z":[{"b":1.0,"a":{"d":2,"c":"\u0041"}}],"a":0}"#
    #expect(
      try canonical(input, keepingOrder: true)
        == #"{"z":[{"b":1,"a":{"d":2,"c":"A"}}],"a":0}"#)
    #expect(try canonical(input) == #"{"a":0,"z":[{"a":{"c":"A","d":2},"b":1}]}"#)
  }

  @Test func orderIsKeptOnlyInsideTheMembersNamed() throws {
    let input = #"{"to\u006fls":[{"b":1,"a":2}],"logit_bias":{"b":1,"a":2}}"#
    let output = try withJSON(input) { root in
      var output: [UInt8] = []
      CanonicalJSON.withMembers(of: root, where: { _, _ in true }) {
        CanonicalJSON.append(members: $0, keepingOrder: { $0.isString("tools") }, to: &output)
      }
      return String(decoding: output, as: UTF8.self)
    }
    #expect(output == #"{"logit_bias":{"a":2,"b":1},"tools":[{"b":1,"a":2}]}"#)
  }

  @Test func theCanonicalFormIsItsOwn() throws {
    let text = #"{"b":[1.50,{"\u0062":1e3,"a":"\/\ud83d\ude00"}],"a":-0}"#
    let once = try canonical(text)
    #expect(try canonical(once) == once)
  }

  @Test func theDeepestDocumentHasACanonicalForm() throws {
    let depth = JSONParser.maximumDepth
    let text =
      String(repeating: #"{"a":"#, count: depth - 1) + "[]"
      + String(repeating: "}", count: depth - 1)
    #expect(try canonical(text) == text)
    #expect(try JSONTree(parsing: text.utf8).text == text)
  }
}
