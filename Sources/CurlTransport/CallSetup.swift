import PromptProtocol

/// What calls to one upstream share, so that a handle which has served one is ready for the next.
struct CallSetup: Equatable {
  let address: UpstreamAddress
  let path: String
  let key: APIKey?
  let hasBody: Bool
  let acceptsStream: Bool
  /// How long a connection may take.
  let connect: Duration

  init(_ request: CallRequest) {
    address = request.address
    path = request.path
    key = request.key
    hasBody = request.body != nil
    acceptsStream = request.acceptsStream
    connect = request.clocks.connect
  }

  /// The address and the path with one slash between them.
  var url: String {
    var prefix = address.url[...]
    while prefix.hasSuffix("/") { prefix.removeLast() }
    return prefix + path
  }

  /// Whether the call is made over TLS.
  var isSecure: Bool { address.url.lowercased().hasPrefix("https:") }
}
