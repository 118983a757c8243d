/// One value in the flat index of a document. The children of an object alternate name and value.
struct JSONNode {
  /// Offsets of the first byte and of the one after the last; quotes and brackets included.
  var start: UInt32
  var end: UInt32
  /// The index of the node that follows this one and everything inside it.
  var next: UInt32
  var kind: JSONKind
  /// A string with at least one backslash.
  var hasEscapes: Bool
}
