package import JSON

/// JSON without line breaks: everything goes out as one line.
package enum CompactJSON {
  /// The bytes of a value as they were written, or without the white space between its members
  /// where a line break stands in it.
  package static func bytes(_ value: JSONValue) -> [UInt8] {
    let raw = Array(value.raw)
    guard raw.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return raw }
    return Array(JSONTree(value).text.utf8)
  }

  /// A completion as it is stored: the member `promptd` is ours to add, so an upstream's own (another
  /// promptd's) goes.
  package static func completion(_ root: JSONValue) -> [UInt8] {
    guard root["promptd"] != nil else { return bytes(root) }
    let edited = JSONSplice.edit(root, removing: { $0.isString("promptd") }, adding: [])
    return edited.filter { $0 != 0x0A && $0 != 0x0D }
  }
}
