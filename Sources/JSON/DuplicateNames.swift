import Glibc

/// Finds members of one object that have the same name, however it is escaped.
enum DuplicateNames {
  /// Up to this many members each pair is compared; beyond it the names are sorted.
  private static let pairwiseLimit = 12

  /// Whether two members of `object` share a name.
  static func contains(_ object: JSONValue) -> Bool {
    var names = object.children()
    var count = 0
    var escaped = false
    while let name = names.next() {
      count += 1
      escaped = escaped || name.hasEscapes
      _ = names.next()
    }
    if count < 2 { return false }
    if escaped { return decoded(object) }
    return count <= pairwiseLimit ? pairwise(object) : sorted(object)
  }

  private static func pairwise(_ object: JSONValue) -> Bool {
    var left = object.children()
    while let name = left.next() {
      _ = left.next()
      var right = left
      while let other = right.next() {
        if same(name.raw, other.raw) { return true }
        _ = right.next()
      }
    }
    return false
  }

  private static func sorted(_ object: JSONValue) -> Bool {
    var names = object.members.map(\.name.raw)
    names.sort { JSONStrings.precedes($0, $1) }
    return zip(names, names.dropFirst()).contains { same($0, $1) }
  }

  private static func decoded(_ object: JSONValue) -> Bool {
    var seen = Set<[UInt8]>()
    return !object.members.allSatisfy { seen.insert($0.name.utf8).inserted }
  }

  private static func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool
  {
    guard left.count == right.count, let a = left.baseAddress, let b = right.baseAddress else {
      return false
    }
    return memcmp(a, b, left.count) == 0
  }
}
