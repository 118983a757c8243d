import Testing

@testable import PromptCore

struct JobAllowanceTests {
  @Test func anOwnerMayHaveSoManyJobsAndNoMore() {
    var allowance = JobAllowance()
    allowance.add(JobAllowance.mostJobs, bytes: 10, of: "alice")
    #expect(allowance.refusal(of: "alice", bytes: 1)?.contains("100000 jobs") == true)
    #expect(allowance.refusal(of: "bob", bytes: 1) == nil)
    allowance.remove(bytes: 1, of: "alice")
    #expect(allowance.refusal(of: "alice", bytes: 1) == nil)
  }

  @Test func bodiesTakeSoMuchOfTheDiskAndNoMore() {
    var allowance = JobAllowance()
    allowance.add(2, bytes: JobAllowance.mostBytes - 5, of: "alice")
    #expect(allowance.refusal(of: "alice", bytes: 5) == nil)
    #expect(allowance.refusal(of: "alice", bytes: 6)?.contains("4 GiB") == true)
    allowance.remove(bytes: 1, of: "alice")
    #expect(allowance.refusal(of: "alice", bytes: 6) == nil)
  }

  @Test func whoHasNoneLeftIsForgotten() {
    var allowance = JobAllowance()
    allowance.add(1, bytes: 9, of: "alice")
    allowance.remove(bytes: 9, of: "alice")
    allowance.remove(bytes: 9, of: "alice")
    #expect(allowance == JobAllowance())
  }
}
