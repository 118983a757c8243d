import JSON
import Testing

struct DuplicateNamesTests {
  private let duplicate = "has two members of the same name"

  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":2}"#, #"{"\/":1,"/":2}"#,
    #"{"":1,"":2}"#, #"{"\ud83d\ude00":1,"😀":2}"#, #"{"\n":1,"\u000A":2}"#,
    #"[{"x":{"a":1,"b":2,"a":3}}]"#, #"{"x":{"y":1},"x":{"y":1}}"#, #"{"a\u0000":1,"a\u0000":2}"#,
  ])
  func aNameGivenTwiceIsRefusedHoweverItIsWritten(text: String) throws {
    #expect(try refusal(text) == duplicate)
  }

  @Test(arguments: [
    #"{"a":1,"A":2}"#, #"{"a":{"a":{"a":1}}}"#, #"[{"a":1},{"a":2}]"#, #"{"a":"a","b":"a"}"#,
    #"{"a\u0000":1,"a":2}"#, #"{"\\u0061":1,"a":2}"#, #"{"a":1,"ab":2,"abc":3,"":4}"#,
  ])
  func differentNamesAreTaken(text: String) throws {
    #expect(try refusal(text) == nil)
  }

  @Test func canonicallyEquivalentNamesAreDifferentNames() throws {
    #expect(try refusal("{\"\u{E9}\":1,\"e\u{301}\":2}") == nil)
    #expect(try refusal("{\"\\u00e9\":1,\"e\\u0301\":2}") == nil)
  }

  @Test(arguments: [2, 11, 12, 13, 14, 100])
  func theSecondOfTwoIsFoundAtAnyPlaceInObjectsOfAnySize(count: Int) throws {
    let names = (0..<count).map { "n\($0)" }
    func text(_ names: [String]) -> String {
      "{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    }
    #expect(try refusal(text(names)) == nil)
    for place in [0, (count - 1) / 2, count - 2] {
      var twice = names
      twice[count - 1] = names[place]
      #expect(try refusal(text(twice)) == duplicate)
      twice[count - 1] = names[place].replacing("n", with: "\\u006e")
      #expect(try refusal(text(twice)) == duplicate)
    }
  }

  /// A comparison of each with each would be 20,000,000,000 steps: an hour, not a second.
  @Test(.timeLimit(.minutes(1)))
  func twoHundredThousandMembersAreCheckedInReasonableTime() throws {
    for prefix in ["", "\\u0061", String(repeating: "a", count: 40)] {
      let members = (0..<200_000).map { "\"\(prefix)\($0)\":0" }
      let unique = "{" + members.joined(separator: ",") + "}"
      #expect(try refusal(unique) == nil)
      let twice = "{" + members.joined(separator: ",") + ",\"\(prefix)7\":1}"
      #expect(try refusal(twice) == duplicate)
    }
  }
}
