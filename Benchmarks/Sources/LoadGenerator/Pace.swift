/// When requests are sent.
package enum Pace: Equatable, Sendable {
  /// As soon as an answer makes room: the server sets the pace.
  case closed
  /// So many a second, whatever the server does. One that finds no free connection is sent late,
  /// and its latency counts from when it was due, so that a stall is not left out of the figures.
  case open(perSecond: Double)
}
