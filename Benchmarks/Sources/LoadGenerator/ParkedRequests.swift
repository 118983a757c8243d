import Glibc

/// Requests that were sent and whose answers nobody waits for. Their connections are closed, and
/// the requests left with them, with the last reference.
package final class ParkedRequests {
  private var descriptors: [Int32] = []

  /// Sends each request of a book once, over so many connections; returns once the server's
  /// sockets have taken all.
  package init(
    _ requests: RequestBook, to endpoint: Endpoint, connections: Int
  ) throws(LoadError) {
    for index in 0..<connections {
      let descriptor = try endpoint.connect()
      descriptors.append(descriptor)
      let first = requests.count * index / connections
      let last = requests.count * (index + 1) / connections
      let bytes = requests.bytes[requests.starts[first]..<requests.starts[last]]
      guard Self.send(bytes, to: descriptor) else { throw .failed("send") }
    }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }
}
