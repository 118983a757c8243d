import FoundationEssentials

/// What libcurl alone takes for calls to an upstream.
package struct FloorCalls: Decodable, Equatable, Sendable {
  /// Calls that were answered with 200.
  package var answered: Int
  /// Calls that were not.
  package var failed: Int
  /// Calls a second.
  package var perSecond: Double
  /// Medians from a call's start to the first byte of its body and to its end, in microseconds.
  package var firstByteMedian: Double
  package var median: Double

  private enum CodingKeys: String, CodingKey {
    case answered, failed
    case perSecond = "per_second"
    case firstByteMedian = "first_byte_p50_us"
    case median = "p50_us"
  }

  /// Calls the upstream at a socket with one body, so many times, so many at a time.
  package static func run(
    _ body: [UInt8], to socket: String, calls: Int, atATime: Int, in workspace: Workspace
  ) throws(PeerError) -> FloorCalls {
    let file = workspace[workspace.freshName("body")]
    try Files.write(String(decoding: body, as: UTF8.self), to: file)
    let output = try workspace.run(
      "\(Programs.ownFolder)/floor-calls",
      [socket, "/v1/chat/completions", file, "\(calls)", "\(atATime)"])
    do {
      return try JSONDecoder().decode(FloorCalls.self, from: Data(output.utf8))
    } catch {
      throw .unexpected(program: "floor-calls", output: output)
    }
  }
}
