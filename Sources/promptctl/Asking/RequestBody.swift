import JSON

/// The body of a request, as a user names or pipes it in.
enum RequestBody {
  /// Bytes of a body, at most: no line of the daemon's is longer.
  private static let limit = 64 << 20

  /// The JSON in a file, or without one or with `-` in standard input.
  static func read(_ file: String?) throws -> [UInt8] {
    let body = try InputFile.read(file == "-" ? nil : file, limit: limit)
    do {
      try JSONParser().withDocument(of: body) { _ in }
    } catch let error as JSONError {
      throw Ending(code: 65, message: "the body is no JSON: it \(error)")
    }
    return body
  }
}
