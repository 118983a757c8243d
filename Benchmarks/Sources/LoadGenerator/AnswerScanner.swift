/// Finds the ends of one connection's answers in the bytes that it receives, split anywhere.
protocol AnswerScanner {
  /// Looks through the next bytes and tells `note` what ends or begins in them. False if they are
  /// not what the dialect allows: nothing more can be found on this connection.
  mutating func scan(_ bytes: UnsafeRawBufferPointer, _ note: (AnswerEvent) -> Void) -> Bool
}
