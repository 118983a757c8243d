import PromptCore
import PromptProtocol
import Testing

@Suite struct TokenTableTests {
  private let table = TokenTable([
    AccessToken(token: APIKey("one"), client: "alice"),
    AccessToken(token: APIKey("two"), client: "bob"),
  ])

  @Test(arguments: [
    ("Bearer one", "alice"), ("bearer two", "bob"), ("BEARER one", "alice"),
  ])
  func aTokenNamesItsClient(header: String, client: String) {
    #expect(table.client(authorization: header) == client)
  }

  @Test(arguments: [
    nil, "", "Bearer", "Bearer ", "Bearer three", "one", "Basic one", "Bearer  one",
  ])
  func anythingElseNamesNobody(header: String?) {
    #expect(table.client(authorization: header) == nil)
  }
}
