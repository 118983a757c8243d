import Testing

@testable import SQLiteStore

@Suite struct AnswerChecksumTests {
  private let entry = AnswerKey(key: .make(1), variant: .make(2))

  @Test func itIsTheSameInEveryVersion() {
    // The first 8 bytes that sha256sum gives for key, variant, 0000000000000002, "AB", 01, "C".
    let checksum = AnswerChecksum.of(entry, answer: [65, 66], boundaries: [67])
    #expect(checksum == -2181008996213027530)
  }

  @Test func everyPartCounts() {
    let other = AnswerKey(key: .make(2), variant: .make(1))
    let all = [
      AnswerChecksum.of(entry, answer: [1, 2], boundaries: [3]),
      AnswerChecksum.of(other, answer: [1, 2], boundaries: [3]),
      AnswerChecksum.of(entry, answer: [1, 3], boundaries: [3]),
      AnswerChecksum.of(entry, answer: [1], boundaries: [2, 3]),
      AnswerChecksum.of(entry, answer: [1, 2], boundaries: []),
      AnswerChecksum.of(entry, answer: [1, 2], boundaries: nil),
    ]
    #expect(Set(all).count == all.count)
  }
}
