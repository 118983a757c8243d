/// Where an upstream is, as libcurl wants it.
package struct BaseURL: Hashable, Sendable {
  /// What stands in the configuration.
  package var written: String
  /// The base of its URLs, without a slash at the end.
  package var url: String
  /// The Unix socket to connect to instead of the URL's host; nil is the network.
  package var unixSocket: String?

  /// Why an address was refused, without repeating it: it may hold a password.
  struct Refusal: Error, Equatable {
    var message: String
  }

  /// An address of our own making, under the name that the cache knows it by.
  init(written: String, url: String, unixSocket: String) {
    self.written = written
    self.url = url
    self.unixSocket = unixSocket
  }

  /// Reads `https://host/path`, `http://` for loopback, or `unix:/path/to.sock:/v1`.
  init(_ text: String) throws(Refusal) {
    guard text.utf8.allSatisfy({ (33...126).contains($0) }) else {
      throw Refusal(message: "must be printable ASCII without spaces")
    }
    written = text
    if text.hasPrefix("unix:") {
      (url, unixSocket) = try Self.unix(text.dropFirst("unix:".count))
    } else {
      url = try Self.network(text)
    }
  }

  private static func unix(
    _ text: Substring
  ) throws(Refusal) -> (url: String, socket: String) {
    let colon = text.range(of: ":/")
    let socket = String(text[..<(colon ?? text.endIndex)])
    let prefix = colon.map { String(text[text.index(after: $0)...]) } ?? ""
    guard socket.hasPrefix("/"), (2...107).contains(socket.utf8.count) else {
      throw Refusal(
        message: "must be unix:/path/to.sock:/prefix, with a path of at most 107 bytes")
    }
    try refuseQuery(in: prefix[...])
    return ("http://localhost" + withoutSlash(prefix[...]), socket)
  }

  private static func network(_ text: String) throws(Refusal) -> String {
    let isPlain = text.hasPrefix("http://")
    guard isPlain || text.hasPrefix("https://") else {
      throw Refusal(
        message: "must begin with https://, or http:// for this machine, or unix:/path/to.sock")
    }
    let rest = text[text.index(text.startIndex, offsetBy: isPlain ? 7 : 8)...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      throw Refusal(
        message: "must not hold a user or password; a key goes into api_key_file")
    }
    try refuseQuery(in: rest)
    guard let host = host(of: authority) else {
      throw Refusal(message: "must name a host, and a port from 1 to 65535 if any")
    }
    guard !isPlain || LoopbackAddress.isLoopback(host: host) else {
      throw Refusal(message: "must be https: only loopback addresses may be http")
    }
    return withoutSlash(text[...])
  }

  /// The host without brackets; nil if it or the port is malformed.
  private static func host(of authority: Substring) -> String? {
    var host = authority
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      guard LoopbackAddress.port(authority[authority.index(after: colon)...]) != nil else {
        return nil
      }
      host = authority[..<colon]
    }
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed {
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    }
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        true
      case UInt8(ascii: ":"): isBracketed
      default: false
      }
    }
    return isPlain && !host.isEmpty ? String(host) : nil
  }

  private static func refuseQuery(in text: Substring) throws(Refusal) {
    guard !text.contains("?"), !text.contains("#") else {
      throw Refusal(message: "must not hold a query or fragment: paths are appended to it")
    }
  }

  private static func withoutSlash(_ text: Substring) -> String {
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    return String(text)
  }
}

extension Substring {
  /// The start of the last occurrence of a two-character text.
  fileprivate func range(of pair: String) -> Index? {
    indices.last { self[$0...].hasPrefix(pair) }
  }
}
