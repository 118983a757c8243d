import JSON
import Testing

@testable import promptctl

struct AnswerSchemaTests {
  private func inner(_ json: String, _ file: String = "/a/my town.v2.json") throws -> JSONTree? {
    try AnswerSchema(Array(json.utf8), fileName: file).responseFormat["json_schema"]
  }

  @Test func aBareSchemaIsNamedAfterItsFile() throws {
    let schema = try inner(#"{"type":"object"}"#)
    #expect(schema?["name"]?.string == "my_town")
    #expect(schema?["schema"]?.text == #"{"type":"object"}"#)
    #expect(try inner("{}", "/dev/.x")?["name"]?.string == "x")
  }

  @Test func theApisOwnFormIsTakenAsItIs() throws {
    let text = #"{"name":"n","strict":true,"schema":{"type":"object"}}"#
    #expect(try inner(text)?.text == text)
  }

  @Test func whatIsNoObjectIsRefused() {
    #expect(throws: Ending.self) { try inner("[]") }
    #expect(throws: JSONError.self) { try inner("{") }
  }
}
