import JSON
import Testing

@testable import PromptSandbox

/// Values made to measure.
@Suite struct SchemaExampleTests {
  private func example(_ schema: String) throws -> String {
    SchemaExample.value(of: try JSONTree(parsing: Array(schema.utf8))).text
  }

  @Test(arguments: [
    (#"{"type":"string"}"#, #""answer""#),
    (#"{"type":"string","maxLength":3}"#, #""ans""#),
    (#"{"type":"string","minLength":8}"#, #""answerxx""#),
    (#"{"type":"string","format":"date"}"#, #""2025-01-01""#),
    (#"{"enum":["b","a"]}"#, #""b""#),
    (#"{"const":{"a":[1]}}"#, #"{"a":[1]}"#),
    (#"{"type":"boolean"}"#, "true"),
    (#"{"type":"null"}"#, "null"),
    (#"{"type":["integer","null"]}"#, "0"),
    (#"{"type":"integer","minimum":3}"#, "3"),
    (#"{"type":"integer","minimum":2.5}"#, "3"),
    (#"{"type":"integer","exclusiveMinimum":3}"#, "4"),
    (#"{"type":"integer","maximum":-2}"#, "-2"),
    (#"{"type":"integer","minimum":7,"multipleOf":5}"#, "10"),
    (#"{"type":"number","minimum":0.5}"#, "0.5"),
    (#"{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}"#, "0.5"),
    (#"{"type":"number","exclusiveMinimum":10,"multipleOf":2.5}"#, "12.5"),
    (#"{"type":"array","items":{"type":"integer"},"minItems":3}"#, "[0,0,0]"),
    (#"{"type":"array","items":{"type":"integer"}}"#, "[0]"),
    (#"{"type":"array","items":{},"maxItems":0}"#, "[]"),
    (#"{"type":"array","prefixItems":[{"type":"null"},{"const":1}],"items":false}"#, "[null,1]"),
    (#"{"type":"object"}"#, "{}"),
    (#"{"type":"object","required":["x"]}"#, #"{"x":"x"}"#),
    (
      #"{"properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}},"c":{}}}"#,
      #"{"a":{"b":"b"},"c":"c"}"#
    ),
    (##"{"$defs":{"n":{"const":7}},"properties":{"a":{"$ref":"#/$defs/n"}}}"##, #"{"a":7}"#),
    (#"{"anyOf":[{"type":"null"},{"const":5}]}"#, "5"),
    (#"{"oneOf":[{"type":"boolean"},{"const":5}]}"#, "true"),
    (
      ##"{"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"$ref":"#/$defs/b"}],"##
        + ##""$defs":{"b":{"properties":{"b":{"const":2}}}}}"##,
      #"{"a":1,"b":2}"#
    ),
    (#"{}"#, #""answer""#),
    ("true", #""answer""#),
  ])
  func aValueSatisfiesItsSchema(_ schema: String, _ value: String) throws {
    #expect(try example(schema) == value)
  }

  @Test func aSchemaThatAllowsAnEndIsEndedThere() throws {
    let list =
      ##"{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"##
      + #""required":["next"]}"#
    #expect(try example(list) == #"{"next":{"next":{"next":null}}}"#)
  }

  @Test(arguments: [
    ##"{"$ref":"#"}"##, ##"{"anyOf":[{"$ref":"#"}]}"##, ##"{"allOf":[{"$ref":"#"}]}"##,
    ##"{"allOf":[{"$ref":"#"},{"$ref":"#"}],"required":["a","b"]}"##,
    ##"{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}},"required":["a","b"]}"##,
    #"{"type":"array","minItems":9000000000000000000,"items":{}}"#,
    #"{"type":"string","minLength":9000000000000000000}"#,
  ])
  func aSchemaWithoutAnEndIsGivenUp(_ schema: String) throws {
    #expect(try example(schema).utf8.count < 1 << 20)
  }
}
