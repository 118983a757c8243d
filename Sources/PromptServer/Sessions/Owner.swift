/// Whose a request is: what its private answers, its buffers and the right to cancel it go by.
enum Owner: Hashable, Sendable {
  /// A user, as the kernel says.
  case user(UInt32)
  /// A client that a token names.
  case client(String)
  /// Somebody on the loopback listener, who has shown no token yet.
  case stranger

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
