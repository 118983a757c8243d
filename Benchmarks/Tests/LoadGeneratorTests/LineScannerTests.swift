import Testing

@testable import LoadGenerator

struct LineScannerTests {
  @Test func everyLineIsAnAnswerHoweverItIsCut() {
    let text = #"{"id":1,"object":"chat.completion"}"# + "\n" + #"{"id":2}"# + "\n"
    for scanning in Scanning.everySplit(of: text, LineScanner.init) {
      #expect(scanning.events == [.ended(isError: false), .ended(isError: false)])
    }
  }

  @Test func errorsOfBothFormsAreSeenHoweverTheyAreCut() {
    let text =
      #"{"error":{"message":"x"},"promptd":{}}"# + "\n"
      + #"{"jsonrpc":"2.0","id":"a long name of a request","error":{"code":-32602}}"# + "\n"
    for scanning in Scanning.everySplit(of: text, LineScanner.init) {
      #expect(scanning.events == [.ended(isError: true), .ended(isError: true)])
    }
  }

  @Test func anAnswerMaySpeakOfErrors() {
    let padding = String(repeating: "x", count: LineBeginnings.shown)
    var scanning = Scanning(LineScanner())
    scanning.scan(#"{"id":"\#(padding)","content":"{\"error\":1}","error":2}"#.utf8)
    scanning.scan("\n".utf8)
    #expect(scanning.events == [.ended(isError: false)])
  }

  @Test func aLineWithoutItsEndIsNoAnswer() {
    var scanning = Scanning(LineScanner())
    scanning.scan(#"{"id":1}"#.utf8)
    #expect(scanning.events.isEmpty)
  }
}
