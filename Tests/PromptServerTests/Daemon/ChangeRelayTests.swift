import Synchronization
import Testing

@testable import PromptServer

@Suite struct ChangeRelayTests {
  /// A listener that is wrapped once more with each call overflows the stack long before this.
  @Test func aListenerIsCalledAsOftenAsThereAreChanges() {
    let counter = Counter()
    let relay = ChangeRelay()
    relay.changed()
    relay.listen { counter.add() }
    for _ in 0..<300_000 { relay.changed() }
    #expect(counter.value == 300_000)
  }

  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
  }
}
