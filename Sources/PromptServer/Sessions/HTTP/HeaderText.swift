/// JSON as the value of a header, where only ASCII is safe (RFC 9110 section 5.5).
enum HeaderText {
  /// The same JSON with `\u` escapes for everything beyond ASCII.
  static func ascii(json: [UInt8]) -> String {
    let text = String(decoding: json, as: UTF8.self)
    guard json.contains(where: { $0 >= 0x80 }) else { return text }
    return text.utf16.map { unit in
      if unit < 0x80 { return String(UnicodeScalar(UInt8(unit))) }
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}
