import NIOCore
import Testing

@testable import PromptServer

@Suite struct ReplyOrderTests {
  private var order = ReplyOrder()
  /// What has been said so far.
  private var said = ""

  private mutating func add(_ text: String, to ticket: ReplyOrder.Ticket, complete: Bool) {
    order.add(.bytes(ByteBuffer(string: text)), to: ticket, complete: complete) { part in
      if case .bytes(let bytes) = part { said += String(buffer: bytes) }
    }
  }

  @Test mutating func repliesWaitForThoseBeforeThem() {
    let first = order.open()
    let second = order.open()
    add("2", to: second, complete: true)
    #expect(said.isEmpty)
    add("1", to: first, complete: true)
    #expect(said == "12")
    #expect(order.isClear)
  }

  @Test mutating func aStreamWhoseTurnItIsGoesOutAtOnce() {
    let first = order.open()
    add("a", to: first, complete: false)
    #expect(said == "a")
    #expect(!order.isClear)
  }

  @Test mutating func aStreamWhoseTurnHasNotComeIsCollectedAndThenFlowsOn() {
    let (first, second) = (order.open(), order.open())
    add("b", to: second, complete: false)
    add("a", to: first, complete: true)
    add("c", to: second, complete: false)
    #expect(said == "abc")
    add("d", to: second, complete: true)
    #expect(order.isClear)
  }

  @Test mutating func whatWaitsForItsTurnIsCounted() {
    let tickets = (0..<3).map { _ in order.open() }
    for ticket in tickets.dropFirst() {
      add("four", to: ticket, complete: true)
    }
    #expect(order.count == 3)
    #expect(order.waitingBytes == 8)
    add("1", to: tickets[0], complete: true)
    #expect(order.count == 0)
    #expect(order.waitingBytes == 0)
  }

  @Test mutating func aTicketThatIsDoneSaysNothingMore() {
    let first = order.open()
    add("a", to: first, complete: true)
    add("again", to: first, complete: true)
    #expect(said == "a")
  }
}
