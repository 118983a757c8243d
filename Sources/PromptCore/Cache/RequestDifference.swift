package import JSON

/// The members in which two kept requests differ, as paths.
package enum RequestDifference {
  /// The most paths that are told.
  package static let most = 10
  /// How far into a member a path goes.
  private static let depth = 4

  /// The paths, at most `most`; both requests are objects of the two canonical forms.
  package static func paths(_ one: JSONTree, _ other: JSONTree) -> [String] {
    var paths: [String] = []
    for form in ["key", "variant"] {
      compare(one[form] ?? .null, other[form] ?? .null, "", depth, &paths)
    }
    return Array(paths.prefix(most))
  }

  private static func compare(
    _ one: JSONTree, _ other: JSONTree, _ path: String, _ depth: Int, _ paths: inout [String]
  ) {
    guard paths.count < most, one != other else { return }
    switch (one, other) {
    case (.object(let left), .object(let right)) where depth > 0:
      let added = right.map(\.name).filter { name in !left.contains { $0.name == name } }
      for name in left.map(\.name) + added {
        let place = path.isEmpty ? name : "\(path).\(name)"
        compare(one[name] ?? .null, other[name] ?? .null, place, depth - 1, &paths)
      }
    case (.array(let left), .array(let right)) where depth > 0:
      for index in 0..<max(left.count, right.count) {
        guard let first = one[index], let second = other[index] else {
          // One of them ends here.
          return paths.append("\(path)[\(index)]")
        }
        compare(first, second, "\(path)[\(index)]", depth - 1, &paths)
      }
    default: paths.append(path)
    }
  }
}
