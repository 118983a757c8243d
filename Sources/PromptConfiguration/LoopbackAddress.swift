import Glibc

/// An address and port of this machine that no other can reach.
package struct LoopbackAddress: Hashable, Sendable {
  /// `127.…`, `::1` or `localhost`, without brackets.
  package var host: String
  package var port: Int

  /// Reads `127.0.0.1:4891` or `[::1]:4891`; nil for anything else, other hosts included.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let port = Self.port(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    let bare = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
    // Brackets are what parts an IPv6 address from its port, and stand around nothing else.
    guard bare.contains(":") == isBracketed, Self.isLoopback(host: bare) else { return nil }
    self.host = bare
    self.port = port
  }

  /// A port in decimal digits, 1 … 65535; nil for anything else.
  static func port(_ text: Substring) -> Int? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(text),
      (1...65_535).contains(port)
    else { return nil }
    return port
  }

  /// Whether `host` is `localhost` or a loopback address (RFC 1122 section 3.2.1.3, RFC 4291
  /// section 2.5.3), without looking anything up.
  static func isLoopback(host: String) -> Bool {
    if host == "localhost" { return true }
    var four = in_addr()
    if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
    var six = in6_addr()
    guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
    return withUnsafeBytes(of: &six) { $0.dropLast().allSatisfy { $0 == 0 } && $0[15] == 1 }
  }
}
