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

  /// libcurl closes some descriptors of its own without a word, and their numbers come back.
  @Test(arguments: [false, true])
  func aNumberThatComesBackIsWatched(isTold: Bool) throws {
    let poller = try Poller()
    let (old, oldWriting) = try pipe()
    poller.watch(old, for: EPOLLIN.rawValue)
    #expect(try ready(poller).isEmpty)
    poller.forget(old)
    if isTold { poller.closing(old) }
    for end in [old, oldWriting] { close(end) }
    let (new, writing) = try pipe()
    defer { for end in Set([old, new, writing]) { close(end) } }
    // Under the old number, whatever the kernel has given.
    #expect(new == old || dup2(new, old) == old)
    poller.watch(old, for: EPOLLIN.rawValue)
    #expect(try ready(poller).isEmpty)
    #expect(write(writing, "x", 1) == 1)
    #expect(try poller.wait(until: nil).map(\.descriptor) == [old])
  }
}
