extension TOMLNode {
  /// Every value below this by its key, as text. Tables of a list go by their names, the second of a
  /// name as `NAME#2`, so that one that is added or moved changes no other.
  var flattened: [String: WrittenValue] {
    var all: [String: WrittenValue] = [:]
    flatten(into: &all, at: "", nil)
    return all
  }

  private func flatten(
    into all: inout [String: WrittenValue], at path: String, _ file: String?
  ) {
    switch self {
    case .table(let members):
      for (name, entry) in members {
        let key = TOMLDocument.quoted(name)
        entry.node.flatten(into: &all, at: path.isEmpty ? key : "\(path).\(key)", entry.file)
      }
    case .array(let entries) where tables != nil:
      var seen: [String: Int] = [:]
      for entry in entries {
        let name = entry.node.name ?? ""
        seen[name, default: 0] += 1
        let count = seen[name, default: 1]
        let key = TOMLDocument.quoted(name) + (count > 1 ? "#\(count)" : "")
        entry.node.flatten(into: &all, at: "\(path).\(key)", entry.file)
      }
    default: all[path] = WrittenValue(text: text, file: file)
    }
  }

  /// What a table says under `name`.
  private var name: String? {
    guard case .table(let members) = self, case .string(let name) = members["name"]?.node else {
      return nil
    }
    return name
  }

  private var text: String {
    switch self {
    case .string(let text): "\"\(text)\""
    case .integer(let number): String(number)
    case .double(let number): String(number)
    case .boolean(let flag): String(flag)
    case .moment: "a date"
    case .array(let entries): "[\(entries.map(\.node.text).joined(separator: ", "))]"
    case .table(let members):
      "{\(members.sorted { $0.key < $1.key }.map { "\($0) = \($1.node.text)" }.joined(separator: ", "))}"
    }
  }
}
