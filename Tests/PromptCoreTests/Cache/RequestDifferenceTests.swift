import JSON
import PromptCore
import Testing

/// In what two requests differ.
@Suite struct RequestDifferenceTests {
  private func paths(_ one: String, _ other: String) throws -> [String] {
    func tree(_ variant: String) throws -> JSONTree {
      try JSONTree(parsing: Array(#"{"key":{},"variant":\#(variant)}"#.utf8))
    }
    return RequestDifference.paths(try tree(one), try tree(other))
  }

  @Test func membersThatAreMoreOrLessOrOtherAreNamed() throws {
    #expect(
      try paths(#"{"a":1,"b":2,"d":[1,2]}"#, #"{"b":3,"c":1,"d":[1]}"#) == ["a", "b", "d[1]", "c"])
    #expect(try paths(#"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":2}}}"#) == ["a.b.c"])
    #expect(try paths("{}", "{}").isEmpty)
  }

  /// Going through all pairs would take hours.
  @Test(.timeLimit(.minutes(1)))
  func veryManyMembersAreGoneThroughOnce() throws {
    func object(_ prefix: String) -> String {
      "{" + (0..<100_000).map { #""\#(prefix)\#($0)":1"# }.joined(separator: ",") + "}"
    }
    #expect(try paths(object("a"), object("b")).count == RequestDifference.most)
    #expect(try paths(object("a"), object("a")).isEmpty)
  }
}
