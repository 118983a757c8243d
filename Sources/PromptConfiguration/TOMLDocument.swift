import TOMLKit

/// Turns the text of one file into a table, or says where its syntax is wrong.
enum TOMLDocument {
  /// More dots than any real file has, and few enough that the parser's own recursion over
  /// dotted keys (`a.b.c…`, which it does not limit) fits a thread's stack.
  private static let maxDots = 10_000

  /// Deeper than any key goes; inline values nest at most 256 deep in the parser.
  private static let maxDepth = 64

  /// The top-level table of `text`.
  static func parse(_ text: String, file: String?) throws(ConfigurationFault) -> TOMLEntry {
    try refuseHazards(in: text, file: file)
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ConfigurationFault(
        file: file, line: error.source.begin.line, column: error.source.begin.column,
        message: withoutValues(error.description))
    } catch {
      throw ConfigurationFault(file: file, message: "is not TOML")
    }
    return TOMLEntry(
      node: .table(try entries(of: table, path: "", file: file, depth: 0)), file: file, path: "")
  }

  /// What the parser would cut off, overflow on or abort at is refused before it sees it.
  private static func refuseHazards(
    in text: String, file: String?
  ) throws(ConfigurationFault) {
    for spelling in ["\u{0}", "\\u0000", "\\U00000000"] where text.utf8.contains(spelling) {
      throw ConfigurationFault(file: file, message: "holds a NUL character; take it out")
    }
    guard text.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= maxDots else {
      throw ConfigurationFault(file: file, message: "has more than \(maxDots) dots; split it")
    }
    let bytes = Array(text.utf8)
    if let hazard = TOMLHazards.first(in: bytes) {
      let lines = bytes[..<hazard.offset].split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // Columns count characters: UTF-8's continuation bytes (10xxxxxx) are no more of them.
      let line: ArraySlice<UInt8> = lines.last ?? []
      let column = line.count { $0 & 0b1100_0000 != 0b1000_0000 } + 1
      throw ConfigurationFault(
        file: file, line: lines.count, column: column, message: hazard.message)
    }
  }

  /// The parser's message without longer quotations: what is quoted may be a key pasted without
  /// quotes. Only names of keys stay.
  private static func withoutValues(_ description: String) -> String {
    if description.contains("redefine") { return description }
    var pieces = description.split(separator: "'", omittingEmptySubsequences: false)
    for index in pieces.indices where index % 2 == 1 && pieces[index].count > 1 {
      pieces[index] = "…"
    }
    return pieces.joined(separator: "'")
  }

  private static func entries(
    of table: TOMLTable, path: String, file: String?, depth: Int
  ) throws(ConfigurationFault) -> [String: TOMLEntry] {
    guard depth < maxDepth else {
      throw ConfigurationFault(file: file, message: "has tables more than \(maxDepth) deep")
    }
    var entries: [String: TOMLEntry] = [:]
    guard !table.isEmpty else { return entries }
    for key in table.keys {
      let keyPath = path.isEmpty ? quoted(key) : "\(path).\(quoted(key))"
      guard let value = table[key] else {
        throw ConfigurationFault(file: file, keyPath: keyPath, message: "cannot be read")
      }
      let node = try node(of: value, path: keyPath, file: file, depth: depth + 1)
      entries[key] = TOMLEntry(node: node, file: file, path: keyPath)
    }
    return entries
  }

  private static func node(
    of value: any TOMLValueConvertible, path: String, file: String?, depth: Int
  ) throws(ConfigurationFault) -> TOMLNode {
    if let text = value.string { return .string(text) }
    if let number = value.int { return .integer(number) }
    if let flag = value.bool { return .boolean(flag) }
    if let number = value.double { return .double(number) }
    if let table = value.table {
      return .table(try entries(of: table, path: path, file: file, depth: depth))
    }
    guard let array = value.array else { return .moment }
    guard depth < maxDepth else {
      throw ConfigurationFault(file: file, message: "has lists more than \(maxDepth) deep")
    }
    var elements: [TOMLEntry] = []
    for index in 0..<array.count {
      let elementPath = "\(path)[\(index)]"
      let node = try node(of: array[index], path: elementPath, file: file, depth: depth + 1)
      elements.append(TOMLEntry(node: node, file: file, path: elementPath))
    }
    return .array(elements)
  }

  /// A key as TOML would have it: bare if it can be.
  static func quoted(_ key: String) -> String {
    let isBare = key.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    // Not its debugDescription: TOMLKit hides the one that has quotes.
    return isBare && !key.isEmpty ? key : String(reflecting: key)
  }
}

extension String.UTF8View {
  /// Whether the bytes of `text` stand anywhere in these.
  fileprivate func contains(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return true }
    var rest = self[...]
    while let start = rest.firstIndex(of: first) {
      if rest[start...].starts(with: text.utf8) { return true }
      rest = rest[index(after: start)...]
    }
    return false
  }
}
