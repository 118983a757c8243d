package import PromptCore

/// Where clients connect, and what a connection may use.
package struct ListenSettings: Equatable, Sendable {
  /// The path of the Unix socket.
  package var socket: String
  /// The permission bits of the socket's file.
  package var mode: UInt32
  /// The group that the socket's file is given to, looked up; nil leaves it.
  package var group: UInt32?
  package var maxConnections = 10_000
  package var maxConnectionsPerUser = 1024
  package var maxInFlightPerConnection = 256
  /// The longest request line, in bytes.
  package var maxLineBytes = 32 << 20
  /// Bytes of half-read lines, queued bodies and unread replies; a quarter of it for one user.
  package var maxBuffered = 1 << 30
  /// How long a reply may wait for a client to read on.
  package var writeTimeout = Duration.seconds(60)
  /// The HTTP listener; nil is none.
  package var http: LoopbackAddress?
  /// Where its bearer tokens are, lines of `TOKEN CLIENT`; set whenever `http` is, and where systemd
  /// hands that listener over.
  package var httpTokensSource: KeySource?
  /// The tokens.
  package var httpTokens: [AccessToken] = []

  /// What holds where no file says anything.
  package init(places: Places) {
    socket = places.socket
    mode = places.socketMode
  }

  /// Reads the tokens, once the names of the client rules are known.
  mutating func readTokens(
    _ reader: inout TableReader, _ lookUp: (KeySource) throws(KeySource.Failure) -> [AccessToken]
  ) {
    guard let source = httpTokensSource else { return }
    do throws(KeySource.Failure) {
      httpTokens = try lookUp(source)
    } catch {
      let name = source.isFile ? "http_tokens_file" : "http_tokens_credential"
      reader.fault(in: "listen", name, error.message)
    }
  }

  /// Reads `[listen]`.
  mutating func read(_ reader: inout TableReader, accounts: Accounts) {
    reader.read("socket", .socketPath, into: &socket)
    reader.read("mode", .fileMode, into: &mode)
    reader.read("group", .optionalGroup(accounts), into: &group)
    reader.read("max_connections", .integer(1...1_000_000), into: &maxConnections)
    reader.read("max_connections_per_user", .integer(1...1_000_000), into: &maxConnectionsPerUser)
    reader.read(
      "max_in_flight_per_connection", .integer(1...100_000), into: &maxInFlightPerConnection)
    reader.read("max_line_bytes", .size(1024...(1 << 30)), into: &maxLineBytes)
    reader.read("max_buffered", .size((1 << 20)...(1 << 40)), into: &maxBuffered)
    reader.read("write_timeout", .duration(.seconds(1)...(.days(1))), into: &writeTimeout)
    reader.read("http", .loopbackAddress, into: &http)
    let file = reader.value("http_tokens_file", ValueRule<String>.path.map { KeySource.file($0) })
    httpTokensSource = reader.value("http_tokens_credential", .credential) ?? file
    if maxLineBytes > maxBuffered / 4 {
      reader.fault(
        reader.contains("max_line_bytes") ? "max_line_bytes" : "max_buffered",
        "one user gets a quarter of max_buffered (\(ByteSize.text(maxBuffered))), in which a line "
          + "of max_line_bytes (\(ByteSize.text(maxLineBytes))) must fit; raise max_buffered")
    }
    if file != nil, reader.contains("http_tokens_credential") {
      reader.fault("http_tokens_credential", "contradicts http_tokens_file beside it; keep one")
    }
    let names = ["http_tokens_file", "http_tokens_credential"]
    if reader.contains("http"), !names.contains(where: reader.contains) {
      reader.fault(
        "http",
        "needs http_tokens_file or http_tokens_credential beside it: without a token every request "
          + "is refused")
    }
  }
}
