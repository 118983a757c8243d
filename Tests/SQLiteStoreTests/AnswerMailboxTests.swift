import Testing

@testable import SQLiteStore

@Suite struct AnswerMailboxTests {
  @Test func ordersKeepTheirOrderInBatches() {
    var mailbox = AnswerMailbox(limit: 1 << 20)
    let orders = (0..<257).map { WriteOrder.store(.make($0)) }
    for order in orders { #expect(mailbox.post(order) == true) }
    #expect(mailbox.take() == Array(orders[..<256]))
    #expect(mailbox.take() == [orders[256]])
    #expect(mailbox.take() == [])
  }

  @Test func bytesCountUntilTheyAreSettled() {
    let order = WriteOrder.store(.make(1, size: 1000))
    var mailbox = AnswerMailbox(limit: order.bytes * 2)
    #expect(mailbox.post(order) == true)
    #expect(mailbox.post(order) == true)
    #expect(mailbox.post(order) == false)
    let taken = mailbox.take()
    #expect(mailbox.post(order) == false)
    mailbox.settled(taken)
    #expect(mailbox.bytes == 0)
    #expect(mailbox.post(order) == true)
  }

  @Test func anOrderLargerThanTheLimitGoesAlone() {
    var mailbox = AnswerMailbox(limit: 1000)
    #expect(mailbox.post(.store(.make(1, size: 5000))) == true)
    #expect(mailbox.post(.store(.make(2))) == false)
    mailbox.settled(mailbox.take())
    #expect(mailbox.post(.store(.make(2))) == true)
    #expect(mailbox.post(.store(.make(1, size: 5000))) == false)
  }
}
