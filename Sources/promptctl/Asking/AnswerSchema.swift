import JSON

/// The JSON schema that an answer has to satisfy.
struct AnswerSchema: Equatable {
  /// The value of the API's `response_format`.
  let responseFormat: JSONTree

  /// Reads a file's bytes: a schema, or the API's own `{"name","schema",…}` around one. A bare
  /// schema is named after its file. Throws `JSONError`, and `Ending` for what is no object.
  init(_ bytes: [UInt8], fileName: String) throws {
    let tree = try JSONTree(parsing: bytes)
    guard let members = tree.members else {
      throw Ending(code: 65, message: "\(fileName) holds no JSON schema: a schema is an object")
    }
    let isWrapped = tree["name"]?.string != nil && tree["schema"]?.members != nil
    responseFormat = .object([
      .init("type", .string("json_schema")),
      .init(
        "json_schema",
        .object(
          isWrapped
            ? members : [.init("name", .string(Self.name(fileName))), .init("schema", tree)])),
    ])
  }

  /// The part of a file's name before its first dot, in the characters that the API takes: letters,
  /// digits, underscores and dashes, at most 64.
  private static func name(_ fileName: String) -> String {
    let stem = (fileName.split(separator: "/").last ?? "").split(separator: ".").first ?? ""
    let name = stem.utf8.prefix(64).map { byte -> Character in
      let character = Character(Unicode.Scalar(byte))
      let isPlain = character.isASCII && (character.isLetter || character.isNumber)
      return isPlain || character == "-" ? character : "_"
    }
    return name.isEmpty ? "answer" : String(name)
  }
}
