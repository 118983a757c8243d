/// Answers to JSON-RPC calls that are streamed: notifications with the chunks, then the result.
struct StreamedLineScanner: AnswerScanner {
  private var lines = LineBeginnings()
  private var hasBegun = false

  mutating func scan(_ bytes: UnsafeRawBufferPointer, _ note: (AnswerEvent) -> Void) -> Bool {
    var hasBegun = hasBegun
    lines.scan(bytes) { beginning in
      if beginning.holds(#""method":"chat.chunk""#) {
        if !hasBegun { note(.firstChunk) }
        hasBegun = true
      } else {
        note(.ended(isError: beginning.holds(#""error":"#)))
        hasBegun = false
      }
    }
    self.hasBegun = hasBegun
    return true
  }
}
