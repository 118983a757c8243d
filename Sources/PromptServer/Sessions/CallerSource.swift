import PromptProtocol

/// Who is asking over HTTP: the peer of the socket, or whom a token names.
protocol CallerSource {
  /// The caller of one request, with its header `Authorization`; throws `unauthorized`.
  func caller(authorization: String?) throws(WireError) -> Caller
}

/// The peer of a Unix socket, whatever the header says.
struct PeerCaller: CallerSource {
  let caller: Caller

  func caller(authorization: String?) throws(WireError) -> Caller { caller }
}
