import JSON
import PromptConfiguration

/// What a check of the configuration found.
struct ConfigReport: Equatable {
  /// The file that is read when none is named.
  var usual: String
  /// What was read, in order; empty where something is wrong.
  var files: [String]
  /// The names of the upstreams, in the order in which they are tried.
  var upstreams: [String] = []
  var faults: [ConfigurationFault]

  /// One line for people, when nothing is wrong.
  var summary: String {
    files.isEmpty
      ? "there is no \(usual): the defaults hold, and no upstream is configured"
      : "\(files.joined(separator: ", ")): nothing is wrong"
  }

  /// `{"ok","files":[…],"upstreams":[…],"faults":[{"file","key","line","column","message"}]}`; members of a fault
  /// that do not apply are left out.
  var json: JSONTree {
    .object([
      .init("ok", .bool(faults.isEmpty)),
      .init("files", .array(files.map(JSONTree.string))),
      .init("upstreams", .array(upstreams.map(JSONTree.string))),
      .init("faults", .array(faults.map(Self.json))),
    ])
  }

  private static func json(_ fault: ConfigurationFault) -> JSONTree {
    let members: [(String, JSONTree?)] = [
      ("file", fault.file.map(JSONTree.string)),
      ("key", fault.keyPath.isEmpty ? nil : .string(fault.keyPath)),
      ("line", fault.line.map { .number(String($0)) }),
      ("column", fault.column.map { .number(String($0)) }),
      ("message", .string(fault.message)),
    ]
    return .object(members.compactMap { name, value in value.map { .init(name, $0) } })
  }
}
