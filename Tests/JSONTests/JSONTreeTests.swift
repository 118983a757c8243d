import JSON
import Testing

struct JSONTreeTests {
  @Test func aTreeIsACopyOfTheDocument() throws {
    let tree = try JSONTree(parsing: #"{"a":[1,2.50,"x",null,true],"b":{"c":"d"}}"#.utf8)
    #expect(tree["a"]?[0]?.int == 1)
    #expect(tree["a"]?[1]?.double == 2.5)
    #expect(tree["a"]?[2]?.string == "x")
    #expect(tree["a"]?[3] == .null)
    #expect(tree["a"]?[4]?.bool == true)
    #expect(tree["a"]?[5] == nil)
    #expect(tree["a"]?[-1] == nil)
    #expect(tree["a"]?.array?.count == 5)
    #expect(tree["b"]?["c"]?.string == "d")
    #expect(tree["b"]?["x"] == nil)
    #expect(tree["b"]?[0] == nil)
    #expect(tree.members?.map(\.name) == ["a", "b"])
  }

  @Test func numbersKeepTheirTextAndStringsLoseTheirEscapes() throws {
    let text = #"{"a" : [ 1.50 , "\u0041" ] }"#
    #expect(try JSONTree(parsing: text.utf8).text == #"{"a":[1.50,"A"]}"#)
  }

  @Test func aTreeBuiltByHandIsWrittenAndReadBack() throws {
    let tree = JSONTree.object([
      .init("quote\"", .array([.number("-1e5"), .bool(false), .null])), .init("", .string("\n")),
    ])
    #expect(tree.text == #"{"quote\"":[-1e5,false,null],"":"\n"}"#)
    #expect(try JSONTree(parsing: tree.text.utf8) == tree)
  }

  @Test func bytesThatAreNoJSONThrow() {
    #expect(throws: JSONError.self) { try JSONTree(parsing: "{".utf8) }
  }
}
