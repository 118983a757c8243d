/// Reads one table as a list of the keys that it may have, and notes every fault on the way.
///
/// A key that was never asked for is a fault when reading ends, so the list of `read` calls is
/// the one place that says which keys exist.
struct TableReader {
  /// The faults so far, in the order of reading.
  private(set) var faults: [ConfigurationFault] = []

  private let entries: [String: TOMLEntry]
  private let file: String?
  private let path: String
  private var known: [String] = []
  private var refused: Set<String> = []

  /// A reader of `entry`, which must be a table to hold any key.
  init(_ entry: TOMLEntry) {
    file = entry.file
    path = entry.path
    if case .table(let entries) = entry.node {
      self.entries = entries
    } else {
      entries = [:]
      faults.append(entry.fault("must be a table, not \(entry.node.kind)"))
    }
  }

  /// The names of all keys that are there, sorted.
  var names: [String] { entries.keys.sorted() }

  /// Whether the key is there, well-formed or not.
  func contains(_ key: String) -> Bool { entries[key] != nil }

  /// The text under a key that has been read already; nil where it is none.
  func text(_ key: String) -> String? {
    if case .string(let text)? = entries[key]?.node { text } else { nil }
  }

  /// Sets `target` if the key is there and right; a fault leaves it as it is.
  mutating func read<Value>(_ key: String, _ rule: ValueRule<Value>, into target: inout Value) {
    if let value = value(key, rule) { target = value }
  }

  /// Sets `target` if the key is there and right; a fault leaves it as it is.
  mutating func read<Value>(_ key: String, _ rule: ValueRule<Value>, into target: inout Value?) {
    if let value = value(key, rule) { target = value }
  }

  /// The key's value, or nil if it is absent or a fault.
  mutating func value<Value>(_ key: String, _ rule: ValueRule<Value>) -> Value? {
    guard let entry = take(key) else { return nil }
    return rule.read(entry, &faults)
  }

  /// The key's value; its absence is a fault too.
  mutating func required<Value>(_ key: String, _ rule: ValueRule<Value>) -> Value? {
    if !contains(key) { fault(key, "is missing") }
    return value(key, rule)
  }

  /// Reads the table under `key`, if it is there.
  mutating func table(_ key: String, _ read: (inout TableReader) -> Void) {
    guard let entry = take(key) else { return }
    absorb(TableReader(entry), read)
  }

  /// Reads each table of the list under `key`, in order.
  mutating func tables(_ key: String, _ read: (inout TableReader) -> Void) {
    guard let entry = take(key) else { return }
    if case .array(let elements) = entry.node {
      for element in elements { absorb(TableReader(element), read) }
    } else {
      faults.append(
        entry.fault("must be a list of tables, each headed [[\(key)]], not \(entry.node.kind)"))
    }
  }

  /// Takes a key that must not be there, and says why if it is; its value is not looked at.
  mutating func refuse(_ key: String, because reason: String) {
    refused.insert(key)
    if take(key) != nil { fault(key, reason) }
  }

  /// Notes a fault at `key`, whether it is there or not.
  mutating func fault(_ key: String, _ message: String) {
    if let entry = entries[key] {
      faults.append(entry.fault(message))
    } else {
      let name = TOMLDocument.quoted(key)
      faults.append(
        ConfigurationFault(
          file: file, keyPath: path.isEmpty ? name : "\(path).\(name)", message: message))
    }
  }

  /// Notes a fault at a key of the table under `table`, which has been read already.
  mutating func fault(in table: String, _ key: String, _ message: String) {
    guard case .table(let inner)? = entries[table]?.node, let entry = inner[key] else {
      return fault(table, message)
    }
    faults.append(entry.fault(message))
  }

  /// Notes a fault of the table as a whole.
  mutating func fault(_ message: String) {
    faults.append(ConfigurationFault(file: file, keyPath: path, message: message))
  }

  /// Ends reading: every key that was not asked for is a fault.
  mutating func finish() {
    let suggestions = known.filter { !refused.contains($0) }
    for name in names where !known.contains(name) {
      let near = NearestName.of(name, among: suggestions).map { "; did you mean \($0)?" }
      fault(name, "is not a key that promptd knows" + (near ?? ""))
    }
  }

  private mutating func take(_ key: String) -> TOMLEntry? {
    known.append(key)
    return entries[key]
  }

  private mutating func absorb(_ inner: TableReader, _ read: (inout TableReader) -> Void) {
    var inner = inner
    if inner.faults.isEmpty {
      read(&inner)
      inner.finish()
    }
    faults += inner.faults
  }
}
