import Testing

@testable import promptctl

struct BatchCopiesTests {
  @Test func linesOfABodyThatIsUnderWayHaveItsResult() {
    var copies = BatchCopies()
    #expect(copies.began([1], "a") == .first)
    #expect(copies.began([1], "b") == nil)
    #expect(copies.began([2], "c") == .first)
    #expect(copies.began([1], "d") == nil)
    #expect(copies.ended([1], attempt: 3) == ["b", "d"])
    #expect(copies.ended([2], attempt: 1) == [])
  }

  @Test func linesOfABodyThatIsOverAskForItsJob() {
    var copies = BatchCopies()
    #expect(copies.began([1], "a") == .first)
    #expect(copies.ended([1], attempt: 3) == [])
    #expect(copies.began([1], "b") == .again(3))
    #expect(copies.began([1], "c") == nil)
    #expect(copies.ended([1], attempt: 3) == ["c"])
  }

  @Test func aBodyThatWasRefusedIsAskedAnew() {
    var copies = BatchCopies()
    #expect(copies.began([1], "a") == .first)
    #expect(copies.ended([1], attempt: nil) == [])
    #expect(copies.began([1], "b") == .first)
  }
}
