/// One request as a fake upstream read it.
package struct FakeRequest: Sendable {
  /// Such as `POST /v1/chat/completions HTTP/1.1`.
  package var line: String
  /// By name in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  /// Takes the first request off the bytes that came; nil while it is not whole.
  init?(takenFrom bytes: inout [UInt8]) {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
      .split(separator: "\r\n")
    line = lines.first.map(String.init) ?? ""
    headers = [:]
    for header in lines.dropFirst() {
      guard let colon = header.firstIndex(of: ":") else { continue }
      let value = header[header.index(after: colon)...].drop { $0 == " " }
      headers[header[..<colon].lowercased()] = String(value)
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end.upperBound + length else { return nil }
    body = Array(bytes[end.upperBound..<(end.upperBound + length)])
    bytes.removeFirst(end.upperBound + length)
  }
}
