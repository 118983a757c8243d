import NIOCore
import Testing

@testable import PromptSandbox

/// What a model's name asks for.
@Suite struct BehaviourTests {
  @Test func namesAndTheirParametersAreRead() throws {
    let slow = try Behaviour(model: "sandbox/slow?first_byte_ms=20&tokens_per_s=0.5")
    #expect(slow.kind == .slow(firstByte: .milliseconds(20), perToken: .seconds(2)))
    let status = try Behaviour(model: "sandbox/status?code=429&retry_after=2&times=3")
    #expect(status.kind == .status(code: 429, retryAfter: 2, retryAfterMilliseconds: nil))
    #expect(status.times == 3)
    #expect(try Behaviour(model: "sandbox/cut?after=7").kind == .cut(after: 7))
    #expect(try Behaviour(model: "sandbox/huge?bytes=9").kind == .huge(bytes: 9))
  }

  @Test func parametersHaveDefaults() throws {
    let slow = try Behaviour(model: "sandbox/slow")
    #expect(slow.kind == .slow(firstByte: .milliseconds(500), perToken: .zero))
    #expect(slow.times == nil)
    #expect(try Behaviour(model: "sandbox/cut?").kind == .cut(after: 5))
    #expect(try Behaviour(model: "sandbox/error-frame").kind == .errorFrame(code: 500, after: 0))
    #expect(try Behaviour(model: "sandbox/huge").kind == .huge(bytes: 1_048_576))
  }

  @Test(arguments: ["sandbox/echo", "sandbox/echo?x=1", "sandbox/nothing", "gpt", "slow", "?"])
  func everyOtherNameMeansEcho(_ model: String) throws {
    let behaviour = try Behaviour(model: model)
    #expect(behaviour.kind == .echo && behaviour.times == nil)
  }

  @Test(arguments: [
    "sandbox/status?code=200", "sandbox/status?code", "sandbox/slow?first_byte_ms=-1",
    "sandbox/slow?tokens_per_s=inf", "sandbox/cut?after=x", "sandbox/echo?times=1.5",
    "sandbox/huge?bytes=999999999999",
  ])
  func badValuesAreRefused(_ model: String) {
    #expect(throws: APIFault.self) { try Behaviour(model: model) }
  }
}
