/// What is found in the bytes of answers.
enum AnswerEvent: Equatable {
  /// The first chunk of a streamed answer has come.
  case firstChunk
  /// An answer has come whole.
  case ended(isError: Bool)
}
