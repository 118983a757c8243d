import Testing

@testable import PromptSandbox

/// What is kept of the calls.
@Suite struct CallRecordTests {
  @Test func theOlderHalfOfTooManyCallsIsForgotten() {
    var record = CallRecord()
    for number in 0...10_000 {
      record.started(SeenCall(headers: [:], body: Array("\(number)".utf8)))
      record.ended(byCaller: false)
    }
    #expect(record.started == 10_001 && record.running == 0 && record.mostRunning == 1)
    #expect(record.calls.count == 5000)
    #expect(record.bodies.first == "5001" && record.bodies.last == "10000")
  }

  @Test func bodiesTooLargeToKeepAreForgotten() {
    var record = CallRecord()
    let body = [UInt8](repeating: 0x20, count: 64 << 20)
    for _ in 0..<5 { record.started(SeenCall(headers: [:], body: body)) }
    #expect(record.started == 5 && record.calls.count == 2)
  }
}
