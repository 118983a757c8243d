/// Whose a request is: what its private answers, its buffers and the right to cancel it go by.
enum Owner: Hashable, Sendable {
  /// A user, as the kernel says.
  case user(UInt32)
  /// A client that a token names.
  case client(String)
  /// Somebody on the loopback listener, who has shown no token yet.
  case stranger

  /// Reads what `namespace` wrote; nil for anything else.
  init?(namespace: String) {
    if namespace.hasPrefix("uid-"), let uid = UInt32(namespace.dropFirst(4)) {
      self = .user(uid)
    } else if namespace.hasPrefix("client-") {
      self = .client(String(namespace.dropFirst(7)))
    } else {
      return nil
    }
  }

  /// The user's number; nil for a token's client.
  var uid: UInt32? {
    switch self {
    case .user(let uid): uid
    case .client, .stranger: nil
    }
  }

  /// What keeps a private client's answers apart.
  var namespace: String {
    switch self {
    case .user(let uid): "uid-\(uid)"
    case .client(let name): "client-\(name)"
    case .stranger: "stranger"
    }
  }
}
