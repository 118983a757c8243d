import NIOCore
import Testing

@testable import PromptServer

@Suite struct ReplyOrderTests {
  @Test func repliesWaitForThoseBeforeThem() {
    var order = ReplyOrder()
    var output = ByteBuffer()
    let first = order.open()
    let second = order.open()
    order.add(ByteBuffer(string: "2"), to: second, complete: true, output: &output)
    #expect(output.readableBytes == 0)
    order.add(ByteBuffer(string: "1"), to: first, complete: true, output: &output)
    #expect(String(buffer: output) == "12")
    #expect(order.isClear)
  }

  @Test func aStreamWhoseTurnItIsGoesOutAtOnce() {
    var order = ReplyOrder()
    var output = ByteBuffer()
    let first = order.open()
    order.add(ByteBuffer(string: "a"), to: first, complete: false, output: &output)
    #expect(String(buffer: output) == "a")
    #expect(!order.isClear)
  }

  @Test func aStreamWhoseTurnHasNotComeIsCollectedAndThenFlowsOn() {
    var order = ReplyOrder()
    var output = ByteBuffer()
    let (first, second) = (order.open(), order.open())
    order.add(ByteBuffer(string: "b"), to: second, complete: false, output: &output)
    order.add(ByteBuffer(string: "a"), to: first, complete: true, output: &output)
    order.add(ByteBuffer(string: "c"), to: second, complete: false, output: &output)
    #expect(String(buffer: output) == "abc")
    order.add(ByteBuffer(string: "d"), to: second, complete: true, output: &output)
    #expect(order.isClear)
  }

  @Test func whatWaitsForItsTurnIsCounted() {
    var order = ReplyOrder()
    var output = ByteBuffer()
    let tickets = (0..<3).map { _ in order.open() }
    for ticket in tickets.dropFirst() {
      order.add(ByteBuffer(string: "four"), to: ticket, complete: true, output: &output)
    }
    #expect(order.count == 3)
    #expect(order.waitingBytes == 8)
    order.add(ByteBuffer(string: "1"), to: tickets[0], complete: true, output: &output)
    #expect(order.count == 0)
    #expect(order.waitingBytes == 0)
  }

  @Test func aTicketThatIsDoneSaysNothingMore() {
    var order = ReplyOrder()
    var output = ByteBuffer()
    let first = order.open()
    order.add(ByteBuffer(string: "a"), to: first, complete: true, output: &output)
    order.add(ByteBuffer(string: "again"), to: first, complete: true, output: &output)
    #expect(String(buffer: output) == "a")
  }
}
