import JSON
import TestSupport
import Testing

/// What RFC 8259 takes and refuses, said to a running promptd; and the limits of docs/protocol.md, which
/// section 9 of it allows. Each case stands as a value inside a call, so that the verdict on it is that on
/// the whole line.
@Suite(.timeLimit(.minutes(2))) struct JSONGrammarTests {
  /// Sends each as the value of a parameter, and a ping after it, which must be answered.
  private func expect(
    _ cases: [[UInt8]], areTaken: Bool,
    prefix: String = #"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"#,
    suffix: String = "}}"
  ) async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    // From here on it is a connection of calls, and a line that is none is answered like one.
    _ = try await client.ask(ChatLine.call(0, "ping"))
    for bytes in cases {
      let line = Array(prefix.utf8) + bytes + Array(suffix.utf8)
      let text: Comment =
        "\(String(decoding: bytes.prefix(200), as: UTF8.self)) \(bytes.prefix(40))"
      try await client.send(line + [0x0A])
      let code = try await client.reply()["error"]?["code"]?.int
      #expect((code != -32700) == areTaken, text)
      let pong = try await client.ask(ChatLine.call(2, "ping"))
      #expect(pong["result"]?["protocol"]?.int == 1, text)
    }
    #expect(await daemon.stop().code == 0)
  }

  private func expect(_ cases: [String], areTaken: Bool) async throws {
    try await expect(cases.map { Array($0.utf8) }, areTaken: areTaken)
  }

  // MARK: Numbers (section 6)

  @Test func numbersOfTheGrammarAreTaken() async throws {
    var cases = ["9223372036854775807", "-9223372036854775808", "18446744073709551615"]
    // Every way through the grammar: minus, int, frac, exp.
    for minus in ["", "-"] {
      for int in ["0", "1", "9", "10", "1234567890"] {
        for frac in ["", ".0", ".5", ".000", ".1234567890123456789"] {
          for exp in ["", "e0", "E0", "e+1", "E+01", "e-1", "E-001", "e00"] {
            cases.append(minus + int + frac + exp)
          }
        }
      }
    }
    cases += ["1e308", "-1.7976931348623157e308", "5e-324", "1e-400", "0e999", "123e-7"]
    try await expect(cases, areTaken: true)
  }

  @Test func whatIsNoNumberIsRefused() async throws {
    try await expect(
      [
        "01", "-01", "00", "-00", "+1", "+0", ".5", "-.5", "1.", "-1.", "0.", "-", "--1", "-+1",
        "1e", "1E",
        "1e+", "1e-", "1.e1", "1.5e", "1.5.5", "1e1.5", "1e1e1", "e1", "0x1", "0b1", "0o7", "1_000",
        "1,000",
        "1 000", "NaN", "nan", "Infinity", "-Infinity", "inf", "1f", "1d", "1L", "1a", "- 1",
        "1 e1", "١",
        "１", "½", "−1",
      ], areTaken: false)
  }

  @Test func numbersPastTheLimitsAreRefused() async throws {
    try await expect(
      [
        "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1e309",
        "-1e309",
        "1e999999999999",
      ], areTaken: false)
  }

  // MARK: Strings (section 7) and UTF-8 (section 8.1)

  @Test func stringsOfTheGrammarAreTaken() async throws {
    var cases = [
      "\"\"", "\"plain\"", "\"\u{7F}\"", "\"/\"", "\"'\"", "\"\u{2028}\u{2029}\u{FEFF}\"",
    ]
    for escape in ["\"", "\\", "/", "b", "f", "n", "r", "t"] { cases.append("\"\\\(escape)\"") }
    // Of each plane and of each edge between lengths in UTF-8.
    for scalar in [
      0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFE, 0x10FFFF,
    ] {
      cases.append("\"\(Unicode.Scalar(UInt32(scalar)).map(String.init) ?? "")\"")
    }
    for unit in stride(from: 0, through: 0xFFFF, by: 0xFF) where !(0xD800...0xDFFF).contains(unit) {
      cases.append("\"\\u\(hex(unit))\"")
      cases.append("\"\\u\(hex(unit).uppercased())\"")
    }
    for (high, low) in [(0xD800, 0xDC00), (0xDBFF, 0xDFFF), (0xD83D, 0xDE00)] {
      cases.append("\"\\u\(hex(high))\\u\(hex(low))\"")
    }
    try await expect(cases, areTaken: true)
  }

  private func hex(_ unit: Int) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  @Test func whatIsNoStringIsRefused() async throws {
    var cases = [
      "\"", "\"a", "'a'", "`a`", "a", "\"a\"b\"", "\"\\\"", "\"\\\\\\\"", "\"\\x41\"", "\"\\a\"",
      "\"\\0\"",
      "\"\\v\"", "\"\\e\"", "\"\\'\"", "\"\\ \"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"",
      "\"\\u123g\"", "\"\\u 123\"", "\"\\u+123\"", "\"\\U0041\"", "\"\\u{41}\"", "\"\\N\"",
      "\"\\é\"",
    ]
    // Control characters must be escaped; a line feed would end the line.
    for control in 0..<0x20 where control != 0x0A {
      cases.append("\"\(Unicode.Scalar(UInt8(control)))\"")
    }
    try await expect(cases, areTaken: false)
  }

  @Test func loneSurrogatesAreRefused() async throws {
    var cases: [String] = []
    for high in ["d800", "dbff", "D83D"] {
      cases += [
        "\"\\u\(high)\"", "\"\\u\(high)x\"", "\"\\u\(high)\\n\"", "\"\\u\(high)\\u\(high)\"",
      ]
      cases += ["\"\\u\(high)\\u0041\"", "\"\\u\(high)\\ue000\""]
    }
    for low in ["dc00", "dfff", "DE00"] { cases += ["\"\\u\(low)\"", "\"\\u\(low)\\ud800\""] }
    try await expect(cases, areTaken: false)
  }

  @Test func whatIsNotUTF8IsRefused() async throws {
    let broken: [[UInt8]] = [
      // Continuations alone, and beginnings without them.
      [0x80], [0xBF], [0xC2], [0xC2, 0x41], [0xDF, 0x7F], [0xE0, 0xA0], [0xE1, 0x80], [0xEF, 0xBF],
      [0xF0, 0x90], [0xF0, 0x90, 0x80], [0xF4, 0x8F, 0xBF], [0xE1, 0x80, 0x41],
      [0xF1, 0x80, 0x80, 0x41],
      // More bytes than needed.
      [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
      [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      // Surrogates, and what is past the last code point.
      [0xED, 0xA0, 0x80], [0xED, 0xAF, 0xBF], [0xED, 0xB0, 0x80], [0xED, 0xBF, 0xBF],
      [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0xF7, 0xBF, 0xBF, 0xBF], [0xF8, 0x88, 0x80, 0x80, 0x80],
      [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80],
      [0xFE], [0xFF], [0xFE, 0xFE, 0xFF, 0xFF],
    ]
    let quote = UInt8(ascii: "\"")
    let whole: [[UInt8]] = broken.map { [quote] + $0 + [quote] }
    let inside: [[UInt8]] = broken.map { [quote, 0x61] + $0 + [0x62, quote] }
    // In the place of a value, and of a name.
    let names = broken.map { Array("{\"".utf8) + $0 + Array("\":1}".utf8) }
    try await expect(whole + inside + broken + names, areTaken: false)
  }

  // MARK: Structure (sections 2 to 5)

  @Test func structuresOfTheGrammarAreTaken() async throws {
    let deep = 1000
    try await expect(
      [
        "null", "true", "false", "[]", "{}", "[ ]", "{ }", "[\t]", "{\r}", " [ 1 , 2 ] ",
        "\t{ \"a\" : 1 }\r",
        "[[]]", "[{}]", "{\"a\":{}}", "{\"\":0}", "{\"a\":1,\"A\":2,\"á\":3,\"a\u{301}\":4}",
        "[1,\"a\",null,true,false,{},[]]", "{\"a\":[{\"b\":[[{\"c\":null}]]}]}", "{\"\\u0000\":1}",
        "[" + String(repeating: "0,", count: 10_000) + "0]",
        String(repeating: "[", count: deep) + String(repeating: "]", count: deep),
        String(repeating: "{\"a\":", count: deep) + "0" + String(repeating: "}", count: deep),
      ], areTaken: true)
  }

  @Test func whatIsNoStructureIsRefused() async throws {
    try await expect(
      [
        "", " ", "nul", "nulll", "Null", "NULL", "tru", "True", "TRUE", "fals", "False",
        "undefined", "None",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[1}",
        "(1)",
        "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,\"a\":1}", "{\"a\"}",
        "{\"a\":}",
        "{:1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{[]:1}", "{\"a\" 1}", "{\"a\"::1}",
        "{\"a\"=1}",
        "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{\"a\":1]", "{\"a\",\"b\"}", "[\"a\":1]",
        "{\"a\":1,,\"b\":2}",
        "1 2", "[] []", "{}{}", "null null", "[]x", "x[]", "[1]]", "{\"a\":1}}}", "/**/1", "1//x",
        "#1",
        "[1]\u{0C}", "\u{0B}1", "\u{A0}1", "\u{2003}1", "\u{FEFF}1", "\u{0}1", "1\u{0}", "<1>", "*",
        "&", "$",
      ], areTaken: false)
  }

  @Test func structuresPastTheLimitsAreRefused() async throws {
    let deep = 1025
    try await expect(
      [
        String(repeating: "[", count: deep) + String(repeating: "]", count: deep),
        String(repeating: "[", count: 100_000),
        "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "[{\"b\":{\"x\":1,\"y\":2,\"x\":3}}]",
      ], areTaken: false)
  }

  // MARK: Whole texts

  @Test func aTextThatIsNoObjectIsNoRequest() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    _ = try await client.ask(ChatLine.call(1, "ping"))
    for text in ["0", "\"a\"", "null", "true", "[]", "[{}]", " 1 "] {
      let error = try await client.ask(text)["error"]
      #expect(error?["code"]?.int == -32600, "\(text)")
    }
    // A byte order mark must not be there (section 8.1).
    for text in ["\u{FEFF}{}", "{", "}", "{}{}", "nothing"] {
      #expect(try await client.ask(text)["error"]?["code"]?.int == -32700, "\(text)")
    }
    #expect(try await client.ask(ChatLine.call(2, "ping"))["result"] != nil)
    #expect(await daemon.stop().code == 0)
  }

  @Test func whatAStringSaysIsWhatIsAnswered() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    let cases = [
      (#"a\"b\\c\/d\be\ff\ng\rh\ti"#, "a\"b\\c/d\u{8}e\u{C}f\ng\rh\ti"),
      (#"\u0041\u00e9\u20AC\ud83d\ude00"#, "Aé€😀"), ("é€😀\u{10FFFF}", "é€😀\u{10FFFF}"),
      (#"x\u0000y"#, "x\u{0}y"), (#"\ufeff\uffff"#, "\u{FEFF}\u{FFFF}"), ("e\u{301}", "e\u{301}"),
    ]
    for (written, meant) in cases {
      let line = #"{"model":"m","messages":[{"role":"user","content":"\#(written)"}]}"#
      let answer = try await client.ask(line)["choices"]?[0]?["message"]?["content"]?.string
      #expect(answer.map { Array($0.utf8) } == Array(meant.utf8), "\(written)")
    }
    #expect(await daemon.stop().code == 0)
  }
}
