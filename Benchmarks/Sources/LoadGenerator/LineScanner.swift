/// Answers that are one line each.
struct LineScanner: AnswerScanner {
  private var lines = LineBeginnings()

  mutating func scan(_ bytes: UnsafeRawBufferPointer, _ note: (AnswerEvent) -> Void) -> Bool {
    lines.scan(bytes) { beginning in
      // `{"error":…` or `{"jsonrpc":"2.0","id":…,"error":…`; an answer's own text comes later.
      note(.ended(isError: beginning.holds(#""error":"#)))
    }
    return true
  }
}
