/// How long each part of one call may take.
package struct CallClocks: Sendable, Hashable {
  /// From the start until a connection stands: names, TCP, proxy and TLS together.
  package var connect: Duration
  /// From the connection until the first line of an answer.
  package var firstByte: Duration
  /// Between two pieces of the answer.
  package var idle: Duration
  /// The whole call.
  package var total: Duration

  /// The defaults suit a language model, which may think for long before it says a word.
  package init(
    connect: Duration = .seconds(10), firstByte: Duration = .seconds(120),
    idle: Duration = .seconds(60), total: Duration = .seconds(600)
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.idle = idle
    self.total = total
  }
}
