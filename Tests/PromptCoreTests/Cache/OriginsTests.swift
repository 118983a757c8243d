import PromptCore
import Testing

@Suite struct OriginsTests {
  private func origins(_ mode: CacheMode = .normal, models: String = "gpt-*") -> Origins {
    var policy = UpstreamPolicy(name: "a")
    policy.models = [Glob(models)]
    var rules = BrokerState.Rules()
    rules.cache.mode = mode
    return BrokerState(lanes: [Lane(policy: policy, origin: "https://a/v1")], rules: rules).origins
  }

  @Test func onlyAnUpstreamThatIsConfiguredForTheModelServesItsAnswers() {
    #expect(origins().serve(.make(model: "gpt-5")))
    #expect(!origins().serve(.make(model: "llama")))
    #expect(!origins().serve(.make(model: "gpt-5", origin: "https://b/v1")))
    #expect(origins().name(of: .make(model: "gpt-5")) == "a")
    #expect(origins().name(of: .make(origin: "https://b/v1")) == nil)
  }

  @Test func inReplayEveryAnswerServes() {
    #expect(origins(.replay).serve(.make(model: "llama", origin: "https://b/v1")))
  }
}
