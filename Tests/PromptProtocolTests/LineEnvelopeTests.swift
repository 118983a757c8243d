import JSON
import Testing

@testable import PromptProtocol

struct LineEnvelopeTests {
  /// The id and the body that are found in a line.
  private func parts(_ line: String) -> (id: String?, body: String)? {
    let bytes = Array(line.utf8)
    return bytes.withUnsafeBytes { whole in
      LineEnvelope(whole).map { found in
        (
          found.id.map { String(decoding: bytes[$0], as: UTF8.self) },
          String(decoding: bytes[found.body], as: UTF8.self)
        )
      }
    }
  }

  @Test(arguments: [
    (#"{"jsonrpc":"2.0","id":7,"method":"chat","params":{"a":1}}"#, "7"),
    (#"{"jsonrpc": "2.0", "id": "x-1", "method": "chat", "params": {"a":1} }"#, #""x-1""#),
    (#"{ "jsonrpc":"2.0" , "id":0,"method":"chat","params":{"a":1}}"#, "0"),
  ])
  func theBodyOfACallIsFoundWithItsID(line: String, id: String) throws {
    let found = try #require(parts(line))
    #expect(found.id == id)
    #expect(found.body == #"{"a":1}"#)
  }

  @Test func aBareBodyIsTheWholeLine() {
    #expect(parts(#"{"messages":[]}"#)?.id == nil)
    #expect(parts(#"{"messages":[]}"#)?.body == #"{"messages":[]}"#)
  }

  @Test(arguments: [
    "", "[]", "x", #"{"jsonrpc":"1.0","id":1,"method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":01,"method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":1234567890123456789,"method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":-1,"method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":"a\"b","method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":"é","method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":null,"method":"chat","params":{}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"status","params":{}}"#,
    #"{"jsonrpc":"2.0","method":"chat","params":{},"id":1}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"chat"}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"chat","params":"#,
    #"{"jsonrpc":"2.0","id":1,"method":"chat","params":}"#, #"{"jsonrpc":"2.0","id":1"#,
  ])
  func anyOtherLineIsLeftToTheParser(line: String) { #expect(parts(line) == nil) }

  /// Whatever stands where a known body stood makes other bytes of it.
  @Test func moreMembersBehindTheBodyAreSeenAsPartOfIt() {
    let line = #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"a":1},"id":2}"#
    #expect(parts(line)?.body == #"{"a":1},"id":2"#)
  }

  /// What is said to be an id is one for the parser too, and the line is well formed if its body is.
  @Test func theParserFindsTheSame() throws {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "{", "}", "\"jsonrpc\"", "\"2.0\"", ":", ",", "\"id\"", "7", "\"a b\"", "\"method\"",
      "\"chat\"",
      "\"params\"", "{\"m\":1}", " ",
    ]
    let usual = [0, 2, 4, 3, 5, 6, 4, 7, 5, 9, 4, 10, 5, 11, 4, 12, 1]
    for _ in 0..<20_000 {
      var order = usual
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: 0..<order.count, using: &random)
        let piece = Int.random(in: 0..<pieces.count, using: &random)
        if Bool.random(using: &random) {
          order[place] = piece
        } else {
          order.insert(piece, at: place)
        }
      }
      let line = order.map { pieces[$0] }.joined()
      guard let found = parts(line), let id = found.id, found.body == #"{"m":1}"# else { continue }
      try JSONParser().withDocument(of: Array(line.utf8)) { root in
        #expect(root["id"].map { String(decoding: $0.raw, as: UTF8.self) } == id, "\(line)")
        #expect(root["method"]?.string == "chat")
        #expect(root["params"].map { String(decoding: $0.raw, as: UTF8.self) } == found.body)
      }
    }
  }
}
