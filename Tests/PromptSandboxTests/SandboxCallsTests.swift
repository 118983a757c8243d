import Testing

@testable import PromptSandbox

/// The record and those who wait for it.
@Suite struct SandboxCallsTests {
  private let call = SeenCall(headers: [:], body: [])

  @Test func aWaiterWakesWhenItsPredicateHolds() async {
    let calls = SandboxCalls()
    async let first = calls.waitUntil { $0.started >= 2 }
    async let second = calls.waitUntil { $0.running == 0 && $0.started == 2 }
    calls.started(call)
    calls.started(call)
    calls.answered()
    calls.disconnected()
    #expect(await first.started == 2)
    let record = await second
    #expect(record.mostRunning == 2 && record.cancelled == 1)
  }

  @Test func aCancelledWaiterIsGivenThePresentRecord() async {
    let calls = SandboxCalls()
    let record = await withTaskGroup(of: CallRecord.self) { group in
      group.addTask { await calls.waitUntil { $0.started == 1 } }
      group.cancelAll()
      return await group.next()
    }
    #expect(record == CallRecord())
  }

  @Test func connectionsThatTheSandboxClosesAreNotCancelled() {
    let calls = SandboxCalls()
    calls.started(call)
    calls.stopping()
    calls.disconnected()
    #expect(calls.record.running == 0 && calls.record.cancelled == 0)
  }

  @Test func faultsAreCountedForEachQuestion() {
    let calls = SandboxCalls()
    #expect([7, 7, 8, 7].map(calls.countFault) == [1, 2, 1, 3])
  }
}
