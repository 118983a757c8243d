import PromptProtocol
import Testing

@testable import PromptCore

/// Who is looked for on disk.
struct BrokerLookTests {
  private func actions(_ control: CacheControl, mayBeKept: Bool) throws -> [BrokerAction] {
    var state = BrokerState(lanes: [Lane(policy: UpstreamPolicy(name: "a"), origin: "o")])
    return state.arrived(try .make(1, control: control, mayBeKept: mayBeKept))
  }

  private func starts(_ actions: [BrokerAction]) -> Bool {
    actions.contains { if case .start = $0 { true } else { false } }
  }

  private func looks(_ actions: [BrokerAction]) -> Bool {
    actions.contains { if case .lookUp = $0 { true } else { false } }
  }

  @Test func aQuestionThatMayHaveBeenAnsweredIsLookedForFirst() throws {
    let actions = try actions(.use, mayBeKept: true)
    #expect(looks(actions) && !starts(actions))
  }

  @Test func oneThatCannotHaveBeenStartsAtOnce() throws {
    let actions = try actions(.use, mayBeKept: false)
    #expect(!looks(actions) && starts(actions))
  }

  @Test func whoWantsNothingButTheCacheIsAlwaysLookedFor() throws {
    #expect(looks(try actions(.only, mayBeKept: false)))
  }
}
