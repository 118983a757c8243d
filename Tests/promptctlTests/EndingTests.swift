import Glibc
import PromptClient
import Testing

@testable import promptctl

struct EndingTests {
  @Test func aDaemonsErrorEndsWithItsExitCode() {
    let error = ClientError.refused(DaemonError(type: "no_upstream", message: "write one"))
    #expect(Ending(error) == Ending(code: 78, message: "write one (no_upstream)"))
  }

  @Test func anOutputThatNobodyReadsEndsQuietly() {
    #expect(Ending.output(.init(code: EPIPE)) == Ending(code: 141, message: nil))
    #expect(Ending(RawRelay.Failure.output(.init(code: EPIPE))) == Ending.brokenPipe)
    #expect(Ending.output(.init(code: ENOSPC)).message?.contains("No space left") == true)
  }

  @Test func theArgumentParsersErrorsAreItsOwn() { #expect(Ending(CancellationError()) == nil) }

  @Test func statusEndsAsInitScriptsDo() {
    #expect(Status.ending(.noDaemon(path: "/s")).code == 3)
    #expect(Status.ending(.notPermitted(path: "/s", group: nil)).code == 4)
    #expect(Status.ending(.silent(seconds: 10)).code == 4)
  }
}
