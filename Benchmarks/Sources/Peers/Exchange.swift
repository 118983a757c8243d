import Glibc
package import LoadGenerator

/// One line there, one line back.
package enum Exchange {
  /// Sends a line to a server that speaks lines and returns its answer, without line ends, waiting
  /// at most so many seconds for each piece of it.
  package static func ask(
    _ line: String, _ endpoint: Endpoint, seconds: Int = 60
  ) throws(PeerError) -> String {
    let descriptor: Int32
    do throws(LoadError) {
      descriptor = try endpoint.connect()
    } catch {
      throw .load(program: "the server", error)
    }
    defer { close(descriptor) }
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw .failed("send") }
      rest = rest.dropFirst(count)
    }
    return try receive(descriptor, seconds)
  }

  private static func receive(_ descriptor: Int32, _ seconds: Int) throws(PeerError) -> String {
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while answer.last != UInt8(ascii: "\n") {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, Int32(seconds * 1000)) > 0 else {
        throw .late(program: "an answer", seconds: seconds)
      }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw .failed("recv") }
      answer += buffer[..<count]
    }
    return String(decoding: answer.dropLast(), as: UTF8.self)
  }
}
