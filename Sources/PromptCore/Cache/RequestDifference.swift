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
      let (known, others) = (values(left), values(right))
      let added = right.map(\.name).filter { known[$0] == nil }
      for name in left.map(\.name) + added {
        guard paths.count < most else { return }
        let place = path.isEmpty ? name : "\(path).\(name)"
        compare(known[name] ?? .null, others[name] ?? .null, place, depth - 1, &paths)
      }
    case (.array(let left), .array(let right)) where depth > 0:
      for index in 0..<max(left.count, right.count) where paths.count < most {
        guard let first = one[index], let second = other[index] else {
          // One of them ends here.
          return paths.append("\(path)[\(index)]")
        }
        compare(first, second, "\(path)[\(index)]", depth - 1, &paths)
      }
    default: paths.append(path)
    }
  }

  private static func values(_ members: [JSONTree.Member]) -> [String: JSONTree] {
    Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
  }
}
