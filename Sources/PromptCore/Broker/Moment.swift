/// One moment on both clocks: what spans are measured on, and what people and files call it.
package struct Moment: Sendable {
  package var monotonic: MonotonicTime
  /// Milliseconds since 1970.
  package var wall: Int64

  package init(monotonic: MonotonicTime, wall: Int64) {
    self.monotonic = monotonic
    self.wall = wall
  }
}
