import JSON
import TestSupport
import Testing

struct JSONSpliceTests {
  private func edited(
    _ text: String, adding: [(name: StaticString, json: String)] = []
  ) throws -> String {
    try withJSON(text) {
      let bytes = JSONSplice.edit($0, removing: { $0.isString("promptd") }, adding: adding)
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test(arguments: [
    (#"{"promptd":{},"a":1,"b":2}"#, #"{"a":1,"b":2}"#),
    (#"{"a":1,"promptd":{},"b":2}"#, #"{"a":1,"b":2}"#),
    (#"{"a":1,"b":2,"promptd":{}}"#, #"{"a":1,"b":2}"#),
    (#"{"promptd":[1,{"promptd":2}]}"#, "{}"),
    (#"{"a":{"promptd":1}}"#, #"{"a":{"promptd":1}}"#),
    (#"{"\u0070romptd":1,"a":2}"#, #"{"a":2}"#),
    (#"{"a":"promptd","promptd ":1}"#, #"{"a":"promptd","promptd ":1}"#),
    ("{}", "{}"), ("{ \n }", "{ \n }"),
  ])
  func aMemberGoesWithOneCommaFromAnyPlace(text: String, expected: String) throws {
    #expect(try edited(text) == expected)
  }

  @Test func everyOtherByteStaysAsItWas() throws {
    #expect(
      try edited("{ \"a\" : 1.00 ,\n\t\"promptd\" : { } , \"b\\u0062\" :[ ] }")
        == "{ \"a\" : 1.00 , \"b\\u0062\" :[ ] }")
    #expect(try edited("{\n \"promptd\":1 ,\n \"b\":2\n}") == "{\n \"b\":2\n}")
    #expect(try edited("{\"b\":2 ,\r\n\"promptd\":1\r\n}") == "{\"b\":2\r\n}")
    #expect(try edited("{ \"promptd\" : 1 }") == "{ }")
  }

  @Test func whatIsAddedComesLast() throws {
    let adding: [(name: StaticString, json: String)] = [("x", "true"), ("y", "[1]")]
    #expect(try edited("{}", adding: adding) == #"{"x":true,"y":[1]}"#)
    #expect(try edited(#"{"a":1}"#, adding: adding) == #"{"a":1,"x":true,"y":[1]}"#)
    #expect(try edited(#"{"promptd":1}"#, adding: adding) == #"{"x":true,"y":[1]}"#)
    #expect(
      try edited(#"{"promptd":1,"a":",","b":0 }"#, adding: adding)
        == #"{"a":",","b":0,"x":true,"y":[1] }"#)
  }

  @Test func anObjectInsideADocumentIsCutOutAndEdited() throws {
    let output = try withJSON(#" [0, {"a":1 ,"promptd":2, "c":3}, 4]"#) { root in
      let object = try #require(Array(root.elements).dropFirst().first)
      return JSONSplice.edit(object, removing: { $0.isString("promptd") }, adding: [])
    }
    #expect(String(decoding: output, as: UTF8.self) == #"{"a":1, "c":3}"#)
  }

  @Test func anySubsetOfMembersCanGoWhateverTheWhiteSpace() throws {
    var random = SplitMix(seed: 11)
    let values = ["1", "\",\"", "{\"a\" : [ 1 , 2 ] }", "[ ]", "\"}\"", "null"]
    for _ in 0..<2_000 {
      let space = { (random: inout SplitMix) in
        ["", " ", "\n", "\t \r\n"].randomElement(using: &random) ?? ""
      }
      var text = "{" + space(&random)
      var kept: [String] = []
      for index in 0..<Int.random(in: 0...5, using: &random) {
        let goes = Bool.random(using: &random)
        let name =
          goes
          ? ["go\(index)", "\\u0067o\(index)"].randomElement(using: &random) ?? "" : "k\(index)"
        if !goes { kept.append(name) }
        if index > 0 { text += space(&random) + "," + space(&random) }
        text += "\"\(name)\"" + space(&random) + ":" + space(&random)
        text += (values.randomElement(using: &random) ?? "0") + space(&random)
      }
      text += "}"
      let before = try JSONTree(parsing: text.utf8)
      let after = try JSONTree(
        parsing: withJSON(text) {
          JSONSplice.edit($0, removing: { $0.string?.hasPrefix("go") == true }, adding: [])
        })
      #expect(after.members?.map(\.name) == kept, "\(text)")
      #expect(kept.allSatisfy { after[$0] == before[$0] }, "\(text)")
    }
  }
}
