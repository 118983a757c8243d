import Testing

@testable import promptctl

struct BatchCopiesTests {
  @Test func aDigestIsTheFirstHalfOfSHA256() {
    // NIST's example of the message "abc".
    #expect(
      BodyDigest(Array("abc".utf8)).description == "ba7816bf8f01cfea414140de5dae2223")
  }

  @Test func linesOfABodyThatIsUnderWayHaveItsResult() {
    var copies = BatchCopies()
    #expect(copies.began(BodyDigest([1]), "a") == .first)
    #expect(copies.began(BodyDigest([1]), "b") == nil)
    #expect(copies.began(BodyDigest([2]), "c") == .first)
    #expect(copies.began(BodyDigest([1]), "d") == nil)
    #expect(copies.ended(BodyDigest([1]), attempt: 3) == ["b", "d"])
    #expect(copies.ended(BodyDigest([2]), attempt: 1) == [])
  }

  @Test func linesOfABodyThatIsOverAskForItsJob() {
    var copies = BatchCopies()
    #expect(copies.began(BodyDigest([1]), "a") == .first)
    #expect(copies.ended(BodyDigest([1]), attempt: 3) == [])
    #expect(copies.began(BodyDigest([1]), "b") == .again(3))
    #expect(copies.began(BodyDigest([1]), "c") == nil)
    #expect(copies.ended(BodyDigest([1]), attempt: 3) == ["c"])
  }

  @Test func aBodyThatWasRefusedIsAskedAnew() {
    var copies = BatchCopies()
    #expect(copies.began(BodyDigest([1]), "a") == .first)
    #expect(copies.ended(BodyDigest([1]), attempt: nil) == [])
    #expect(copies.began(BodyDigest([1]), "b") == .first)
  }
}
