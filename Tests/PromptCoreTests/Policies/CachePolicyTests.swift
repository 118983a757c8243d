import PromptCore
import PromptProtocol
import Testing

@Suite struct CachePolicyTests {
  @Test func inReplayOnlyTheCacheIsAsked() {
    var policy = CachePolicy()
    policy.mode = .replay
    for control in CacheControl.allCases {
      #expect(policy.control(control, isSeeded: true) == .only)
    }
  }

  @Test func withoutASeedTheCacheMayBeLeftOut() {
    var policy = CachePolicy()
    #expect(policy.control(.use, isSeeded: false) == .use)
    policy.unseeded = false
    #expect(policy.control(.use, isSeeded: false) == .bypass)
    #expect(policy.control(.use, isSeeded: true) == .use)
    #expect(policy.control(.only, isSeeded: false) == .only)
  }
}
