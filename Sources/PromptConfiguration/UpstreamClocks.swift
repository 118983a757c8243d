/// The four clocks of one attempt, each ending in an error that names it.
package struct UpstreamClocks: Hashable, Sendable {
  /// To a connection, names included.
  package var connect = Duration.seconds(10)
  /// To the first byte of the answer.
  package var firstByte = Duration.seconds(120)
  /// Between bytes.
  package var idle = Duration.seconds(60)
  /// The whole attempt.
  package var total = Duration.seconds(600)

  /// What holds where no file says anything.
  package init() {}

  /// Reads `[upstream.timeouts]`.
  mutating func read(_ reader: inout TableReader) {
    let range = Duration.milliseconds(1)...(.days(1))
    reader.read("connect", .duration(range), into: &connect)
    reader.read("first_byte", .duration(range), into: &firstByte)
    reader.read("idle", .duration(range), into: &idle)
    reader.read("total", .duration(range), into: &total)
    for (key, clock) in [("connect", connect), ("first_byte", firstByte), ("idle", idle)]
    where clock > total && reader.contains(key) {
      reader.fault(
        key,
        "\(DurationText.text(clock)) is above total (\(DurationText.text(total))) and would never "
          + "end an attempt; lower it or raise total")
    }
  }
}
