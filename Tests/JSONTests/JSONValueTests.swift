import JSON
import Testing

struct JSONValueTests {
  @Test(arguments: [
    ("null", JSONKind.null), ("true", .bool), ("false", .bool), ("0", .integer), ("-12", .integer),
    ("1.0", .double), ("1e3", .double), ("1E3", .double), ("\"\"", .string), ("[]", .array),
    ("{}", .object),
  ])
  func theKindIsHowTheValueIsWritten(text: String, kind: JSONKind) throws {
    #expect(try withJSON(text) { $0.kind } == kind)
  }

  @Test(arguments: [
    ("7", 7), ("-7", -7), ("-0", 0), ("7.0", 7), ("1e3", 1000), ("-1.5e1", -15),
    ("9007199254740991.0", 9_007_199_254_740_991), ("9223372036854775807", Int.max),
    ("-9223372036854775808", Int.min),
  ])
  func wholeNumbersAreIntegers(text: String, expected: Int) throws {
    #expect(try withJSON(text) { $0.int } == expected)
  }

  @Test(arguments: [
    "7.5", "9007199254740992.0", "1e300", "9223372036854775808", "\"7\"", "null", "true", "[7]",
  ])
  func whatIsNotExactlyAnIntegerIsNone(text: String) throws {
    #expect(try withJSON(text) { $0.int } == nil)
  }

  @Test(arguments: [
    ("0.1", 0.1), ("1", 1), ("-2.5e-3", -0.0025), ("18446744073709551615", 0x1p64),
    ("5e-324", .leastNonzeroMagnitude), ("1e-999", 0),
    ("0.1000000000000000055511151231257827021181583404541015625", 0.1),
  ])
  func numbersAreDoubles(text: String, expected: Double) throws {
    #expect(try withJSON(text) { $0.double } == expected)
    #expect(try withJSON("[\(text),9]") { Array($0.elements).first?.double } == expected)
  }

  @Test func aNumberEndsWhereTheInputEndsWhateverFollows() throws {
    for (text, filler) in [("1", "2"), ("2.5", "5"), ("0", "x1"), ("1e2", "9"), ("7", "e300")] {
      var bytes = Array(text.utf8)
      let count = bytes.count
      while bytes.count < count + JSONParser.padding { bytes += Array(filler.utf8) }
      let number = try bytes.withUnsafeBytes { whole in
        try JSONParser().withDocument(padded: UnsafeRawBufferPointer(rebasing: whole[..<count])) {
          $0.double
        }
      }
      #expect(number == Double(text))
    }
  }

  @Test(arguments: ["null", "true", "1", "1.5", "\"x\"", "[1]", "{\"a\":1}"])
  func aValueOfAnotherKindAnswersWithNothing(text: String) throws {
    try withJSON(text) { value in
      if value.kind != .string {
        #expect(value.string == nil)
        #expect(value.utf8.isEmpty)
        #expect(!value.isString(""))
      }
      if value.kind != .bool { #expect(value.bool == nil) }
      if value.kind != .integer, value.kind != .double { #expect(value.double == nil) }
      if value.kind != .array { #expect(Array(value.elements).isEmpty) }
      if value.kind != .object {
        #expect(Array(value.members).isEmpty)
        #expect(value["a"] == nil)
      }
      #expect(value.isNull == (value.kind == .null))
    }
  }

  @Test func membersAndElementsComeInOrderWhateverIsNested() throws {
    let text = #"{"a":[1,[2,{"x":[3]}],[]],"b":{},"c":{"d":[[]]},"e":4}"#
    try withJSON(text) { root in
      #expect(root.members.map { $0.name.string } == ["a", "b", "c", "e"])
      let raws = root["a"].elements.map { String(decoding: $0.raw, as: UTF8.self) }
      #expect(raws == ["1", #"[2,{"x":[3]}]"#, "[]"])
      #expect(root["c"].members.map { $0.name.string } == ["d"])
      #expect(root["e"]?.int == 4)
      #expect(root["d"] == nil)
      #expect(root["zzz"].elements.isEmpty)
      #expect(root["zzz"].members.isEmpty)
    }
  }

  @Test func rangesAreOffsetsIntoTheDocument() throws {
    let text = "  {\"a\" : [ 1.5 , \"é\" ] } \n"
    try withJSON(text) { root in
      #expect(root.range == 2..<(text.utf8.count - 2))
      let elements = root["a"].elements
      let bytes = Array(text.utf8)
      #expect(
        elements.map { String(decoding: bytes[$0.range], as: UTF8.self) } == ["1.5", "\"é\""])
    }
  }

  @Test func aMemberIsFoundThoughItsNameIsEscaped() throws {
    try withJSON(#"{"\u006dodel":1,"mode":2}"#) {
      #expect($0["model"]?.int == 1)
      #expect($0["mode"]?.int == 2)
      #expect($0["mod"] == nil)
    }
  }

  @Test(arguments: [
    (#""n""#, true), (#""\u006e""#, true), (#""N""#, false), (#""""#, false), (#""nn""#, false),
    (#""\u006e\u006e""#, false), (#""n\u0000""#, false),
  ])
  func stringsAreComparedWhole(text: String, same: Bool) throws {
    #expect(try withJSON(text) { $0.isString("n") } == same)
  }

  @Test(arguments: [
    (#""t\u006fols""#, true), (#""tool\u0073""#, true),
    (#""\u0074\u006f\u006f\u006c\u0073""#, true),
    (#""t\u006fol""#, false), (#""t\u006folss""#, false), (#""t\u006eols""#, false),
    (#""tools\u0000""#, false), (#""\u0000tools""#, false), (#""t\nols""#, false),
    (#""t\ud83d\ude00s""#, false),
  ])
  func escapedNamesAreComparedWhole(text: String, same: Bool) throws {
    #expect(try withJSON(text) { $0.isString("tools") } == same)
  }

  @Test(arguments: [
    (#""\u00e9""#, true), ("\"\u{E9}\"", true), ("\"e\u{301}\"", false),
    (#""\ud83d\ude00""#, false),
  ])
  func stringsAreComparedByteForByte(text: String, same: Bool) throws {
    #expect(try withJSON(text) { $0.isString("\u{E9}") } == same)
  }
}
