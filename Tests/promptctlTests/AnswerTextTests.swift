import JSON
import Testing

@testable import promptctl

struct AnswerTextTests {
  private func tree(_ json: String) throws -> JSONTree { try JSONTree(parsing: json.utf8) }

  @Test func onlyTheFirstChoicesContentIsShown() throws {
    let chunk = try tree(
      #"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]}"#)
    #expect(AnswerText.added(by: chunk) == "yes")
  }

  @Test(arguments: [
    "{}", #"{"choices":[]}"#, #"{"choices":[{"index":0,"delta":{"role":"assistant"}}]}"#,
    #"{"choices":[{"index":0,"delta":{"content":null}}]}"#,
  ])
  func chunksOfOtherThingsAddNothing(json: String) throws {
    #expect(AnswerText.added(by: try tree(json)) == "")
  }

  @Test func theWholeTextIsTheFirstMessages() throws {
    #expect(AnswerText.whole(try tree(#"{"choices":[{"message":{"content":"x"}}]}"#)) == "x")
    #expect(AnswerText.whole(try tree(#"{"choices":[]}"#)) == nil)
  }
}
