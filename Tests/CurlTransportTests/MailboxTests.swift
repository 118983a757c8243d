import Testing

@testable import CurlTransport

/// What passes to the curl thread.
@Suite struct MailboxTests {
  private let mailbox: Mailbox

  init() throws { mailbox = try Mailbox() }

  private func ids(_ commands: [Mailbox.Command]) -> [UInt64] {
    commands.compactMap { if case .cancel(let id) = $0 { id.rawValue } else { nil } }
  }

  @Test func commandsKeepTheirOrder() {
    for number in 1...5 { mailbox.post(.cancel(CallID(rawValue: UInt64(number)))) }
    #expect(ids(mailbox.drain()) == [1, 2, 3, 4, 5])
    #expect(mailbox.drain().isEmpty)
  }

  @Test func aShutMailboxGivesItsRestAndTakesNothingMore() {
    mailbox.post(.cancel(CallID(rawValue: 1)))
    #expect(ids(mailbox.shut(fault: "It broke.")) == [1])
    mailbox.post(.cancel(CallID(rawValue: 2)))
    #expect(mailbox.drain().isEmpty)
    #expect(mailbox.fault == "It broke.")
  }

  @Test func drainingFindsWhatWasPostedAfterTheLastDrain() throws {
    let poller = try Poller()
    poller.watch(mailbox.descriptor, for: 1)
    for number in 1...3 {
      mailbox.post(.cancel(CallID(rawValue: UInt64(number))))
      #expect(try poller.wait(until: nil).map(\.descriptor) == [mailbox.descriptor])
      #expect(ids(mailbox.drain()) == [UInt64(number)])
      #expect(try poller.wait(until: .now).isEmpty)
    }
  }
}
