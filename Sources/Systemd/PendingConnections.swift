import Glibc

/// Connections that wait on a listening socket, for a daemon that will serve none of them.
///
/// systemd starts a service for as long as anybody waits: where the start fails for good, who waits
/// must be told, or there is no end of starts.
package enum PendingConnections {
  /// More than any backlog holds: whoever comes back again and again must not keep it going.
  private static let most = 8192

  /// Accepts whoever waits, says `words` of the right dialect and hangs up. What a client has sent is
  /// read before that, as far as it has come, so that it finds the words and no reset.
  package static func refuse(
    on sockets: [InheritedSocket], _ words: (_ isHTTP: Bool) -> [UInt8]
  ) {
    for socket in sockets {
      let flags = fcntl(socket.descriptor, F_GETFL)
      guard flags >= 0, fcntl(socket.descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { continue }
      for _ in 0..<most {
        guard let connection = next(on: socket.descriptor) else { break }
        defer { close(connection) }
        let isHTTP = socket.kind == .loopback || beginsLikeHTTP(connection)
        shutdown(connection, Int32(SHUT_RD))
        empty(connection)
        let bytes = words(isHTTP)
        // A fresh connection has room for a few hundred bytes; a client that is gone needs none.
        _ = bytes.withUnsafeBytes {
          send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
      }
    }
  }

  private static func next(on socket: Int32) -> Int32? {
    while true {
      let connection = accept(socket, nil, nil)
      if connection >= 0 { return connection }
      guard errno == EINTR || errno == ECONNABORTED else { return nil }
    }
  }

  /// The first byte tells the dialect, if it has come.
  private static func beginsLikeHTTP(_ connection: Int32) -> Bool {
    var first: UInt8 = 0
    let flags = Int32(MSG_PEEK | MSG_DONTWAIT)
    return recv(connection, &first, 1, flags) == 1
      && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
  }

  private static func empty(_ connection: Int32) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while recv(connection, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
  }
}
