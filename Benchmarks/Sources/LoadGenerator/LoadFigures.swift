/// What a load measured.
package struct LoadFigures: Sendable {
  /// Answers that count, and the seconds they took.
  package internal(set) var answers = 0
  package internal(set) var seconds = 0.0
  /// Bytes of all answers, those of the warm-up too.
  package internal(set) var bytesReceived = 0
  /// From a request's sending, or from when it was due, to the end of its answer.
  package internal(set) var latencies = Latencies()
  /// The same to the first chunk of a streamed answer.
  package internal(set) var firstChunks = Latencies()
  /// Answers that are errors, and connections that the server closed or garbled.
  package internal(set) var errors = 0
  package internal(set) var connectionsLost = 0
  /// How the first answer that is an error began.
  package internal(set) var firstError: String?

  /// Answers a second.
  package var perSecond: Double { seconds > 0 ? Double(answers) / seconds : 0 }

  /// The figures, if nothing went wrong: an error is often faster than an answer, so a run with
  /// any measures something else.
  package func checked() throws(LoadError) -> LoadFigures {
    guard errors == 0, connectionsLost == 0 else {
      throw .failedAnswers(
        errors: errors, lost: connectionsLost, first: firstError ?? "a connection that was closed")
    }
    return self
  }
}
