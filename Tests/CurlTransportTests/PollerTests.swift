import CCurl
import Glibc
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(1))) struct PollerTests {
  /// Two ends of a pipe; what is written to one is read from the other.
  private func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(Glibc.pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  private func ready(_ poller: Poller) throws -> [Int32] {
    try poller.wait(until: .now).map(\.descriptor)
  }

  @Test func whatIsForgottenIsNotToldOf() throws {
    let poller = try Poller()
    let (reading, writing) = try pipe()
    defer { for end in [reading, writing] { close(end) } }
    poller.watch(reading, for: EPOLLIN.rawValue)
    #expect(try ready(poller).isEmpty)
    #expect(write(writing, "x", 1) == 1)
    #expect(try ready(poller) == [reading])
    poller.forget(reading)
    #expect(try ready(poller).isEmpty)
    poller.watch(reading, for: EPOLLIN.rawValue)
    #expect(try ready(poller) == [reading], "it was ready all the time")
  }

  /// Clocks go by the moment until which all is told: it must not stand still.
  @Test func allIsToldHoweverManyAreReady() throws {
    let poller = try Poller()
    let descriptors = try (0..<300).map { _ in
      let descriptor = eventfd(1, Int32(EFD_CLOEXEC))
      try #require(descriptor >= 0)
      return descriptor
    }
    defer { for descriptor in descriptors { close(descriptor) } }
    for descriptor in descriptors { poller.watch(descriptor, for: EPOLLIN.rawValue) }
    let allWereReady = SuspendingClock.now
    for _ in 0..<3 { #expect(try !ready(poller).isEmpty) }
    #expect(poller.toldUntil >= allWereReady)
    #expect(try Set(ready(poller)) == Set(descriptors))
  }

  /// libcurl closes some descriptors of its own without a word, and their numbers come back.
  @Test(arguments: [false, true])
  func aNumberThatComesBackIsWatched(isTold: Bool) throws {
    let poller = try Poller()
    let (old, oldWriting) = try pipe()
    poller.watch(old, for: EPOLLIN.rawValue)
    #expect(try ready(poller).isEmpty)
    poller.forget(old)
    if isTold { poller.closing(old) }
    let (new, writing) = try pipe()
    defer { for end in [old, oldWriting, new, writing] { close(end) } }
    // Closed and there again in one step, or another test might get the number in between.
    #expect(dup2(new, old) == old)
    poller.watch(old, for: EPOLLIN.rawValue)
    #expect(try ready(poller).isEmpty)
    #expect(write(writing, "x", 1) == 1)
    #expect(try poller.wait(until: nil).map(\.descriptor) == [old])
  }
}
