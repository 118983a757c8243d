import PromptCore
import PromptProtocol
import Testing

@Suite struct ModelCatalogTests {
  private func catalog(_ globs: String...) -> ModelCatalog {
    ModelCatalog(
      globs.enumerated().map { index, glob in
        var policy = UpstreamPolicy(name: "u\(index)")
        policy.models = [Glob(glob)]
        return policy
      })
  }

  private func time(_ seconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: seconds * 1_000_000_000)
  }

  private func models(_ names: String...) -> Result<[ListedModel], WireError> {
    .success(names.map { ListedModel(id: $0, json: Array($0.utf8)) })
  }

  @Test func everyUpstreamIsAskedOnceForAllWhoWait() {
    var catalog = catalog("*", "*")
    #expect(catalog.asked(.number(1), now: time(0)) == [.fetch(lane: 0), .fetch(lane: 1)])
    #expect(catalog.asked(.number(2), now: time(1)).isEmpty)
    #expect(catalog.fetched(lane: 1, models("b", "a"), now: time(2)).isEmpty)
    #expect(
      catalog.fetched(lane: 0, models("a"), now: time(3))
        == [.answer(.number(1), nil), .answer(.number(2), nil)])
    #expect(catalog.list(for: nil).map(\.id) == ["a", "b"])
  }

  @Test func aListIsGoodForFiveMinutes() {
    var catalog = catalog("*")
    _ = catalog.asked(.number(1), now: time(0))
    _ = catalog.fetched(lane: 0, models("a"), now: time(10))
    #expect(catalog.asked(.number(2), now: time(309)) == [.answer(.number(2), nil)])
    #expect(catalog.asked(.number(3), now: time(310)).first == .fetch(lane: 0))
  }

  @Test func anOldListIsBetterThanNone() {
    var catalog = catalog("*")
    _ = catalog.asked(.number(1), now: time(0))
    _ = catalog.fetched(lane: 0, models("a"), now: time(0))
    // It serves at once, while a new one is asked for.
    #expect(
      catalog.asked(.number(2), now: time(1000)) == [.fetch(lane: 0), .answer(.number(2), nil)])
    let failed = catalog.fetched(
      lane: 0, .failure(WireError(.upstreamUnreachable, "gone")), now: time(1001))
    #expect(failed.isEmpty)
    #expect(catalog.list(for: nil).map(\.id) == ["a"])
    #expect(catalog.asked(.number(3), now: time(1010)) == [.answer(.number(3), nil)])
    #expect(catalog.asked(.number(4), now: time(1011)).contains(.fetch(lane: 0)))
  }

  @Test func whoHasLeftIsNotAnswered() {
    var catalog = catalog("*")
    _ = catalog.asked(.number(1), now: time(0))
    _ = catalog.asked(.number(2), now: time(0))
    catalog.left(.number(1))
    #expect(catalog.fetched(lane: 0, models("a"), now: time(1)) == [.answer(.number(2), nil)])
  }

  @Test func withoutAnyListTheFirstErrorIsTold() {
    var catalog = catalog("*", "*")
    _ = catalog.asked(.number(1), now: time(0))
    let error = WireError(.upstreamUnreachable, "gone")
    _ = catalog.fetched(lane: 0, .failure(error), now: time(0))
    let actions = catalog.fetched(
      lane: 1, .failure(WireError(.upstreamError, "no")), now: time(0))
    #expect(actions == [.answer(.number(1), error)])
  }

  @Test func whatAnUpstreamDoesNotServeOrAClientMayNotUseIsLeftOut() {
    var catalog = catalog("gpt-*", "*")
    _ = catalog.asked(.number(1), now: time(0))
    _ = catalog.fetched(lane: 0, models("gpt-5", "llama"), now: time(0))
    _ = catalog.fetched(lane: 1, models("llama", "gpt-5", "qwen"), now: time(0))
    #expect(catalog.list(for: nil).map(\.id) == ["gpt-5", "llama", "qwen"])
    #expect(catalog.list(for: [Glob("q*"), Glob("gpt-*")]).map(\.id) == ["gpt-5", "qwen"])
  }

  @Test func withoutAnUpstreamItSaysWhatToWrite() {
    var catalog = catalog()
    guard case .answer(_, let error) = catalog.asked(.number(1), now: time(0)).first else {
      Issue.record("nobody is answered")
      return
    }
    #expect(error?.name == .noUpstream)
  }
}
