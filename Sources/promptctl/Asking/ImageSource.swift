import FoundationEssentials

/// An image on its way into a message.
enum ImageSource {
  /// Larger files are mistakes: no API takes them, and the daemon refuses their line.
  private static let limit = 48 << 20

  /// The address that goes into the message: an `https:`, `http:` or `data:` URL as it is, for the
  /// upstream to fetch; the contents of a file as a `data:` URL.
  static func url(_ argument: String) throws(Ending) -> String {
    let isAddress = ["https://", "http://", "data:"].contains {
      argument.lowercased().hasPrefix($0)
    }
    if isAddress { return argument }
    let bytes = try InputFile.read(argument, limit: limit)
    guard let type = mediaType(bytes) else {
      throw Ending(
        code: 65, message: "\(argument) is no image that the API takes: give PNG, JPEG, GIF or WebP"
      )
    }
    return "data:\(type);base64,\(Data(bytes).base64EncodedString())"
  }

  /// The media type by the first bytes (WHATWG MIME Sniffing, section 6.1); nil for other files.
  static func mediaType(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
    if bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) { return "image/gif" }
    let isWebP = bytes.starts(with: "RIFF".utf8) && bytes.dropFirst(8).starts(with: "WEBP".utf8)
    return isWebP ? "image/webp" : nil
  }
}
