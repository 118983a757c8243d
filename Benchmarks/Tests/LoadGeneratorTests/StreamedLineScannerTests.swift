import Testing

@testable import LoadGenerator

struct StreamedLineScannerTests {
  private let chunk =
    #"{"jsonrpc":"2.0","method":"chat.chunk","params":{"id":1,"chunk":{}}}"# + "\n"
  private let result = #"{"jsonrpc":"2.0","id":1,"result":{}}"# + "\n"

  @Test func theFirstChunkAndTheResultAreFoundHoweverTheyAreCut() {
    let text = chunk + chunk + result + chunk + result
    for scanning in Scanning.everySplit(of: text, StreamedLineScanner.init) {
      #expect(
        scanning.events == [
          .firstChunk, .ended(isError: false), .firstChunk, .ended(isError: false),
        ])
    }
  }

  @Test func aStreamThatDiesIsAnError() {
    let failure = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32012}}"# + "\n"
    for scanning in Scanning.everySplit(of: chunk + failure, StreamedLineScanner.init) {
      #expect(scanning.events == [.firstChunk, .ended(isError: true)])
    }
  }
}
