import JSON

/// The members of an object that comes in pieces, in the order in which they came first.
struct AssembledObject: Sendable {
  private var members: [(name: String, value: AssembledValue)] = []
  /// Its place among its like.
  private(set) var index: Int?

  /// Members that name the object, and are whole however often they come.
  private static let naming: Set<String> = ["index", "type", "id", "name"]

  init() {}

  init(_ object: JSONValue) { add(object) }

  var isEmpty: Bool { members.isEmpty }

  /// Adds what a later chunk says of it.
  mutating func add(_ object: JSONValue) {
    index = object["index"]?.int ?? index
    for (name, value) in object.members { add(name.string ?? "", value) }
  }

  /// Adds what a later chunk says of one member.
  mutating func add(_ name: String, _ value: JSONValue) {
    guard let known = members.firstIndex(where: { $0.name == name }) else {
      if members.count < ChunkAssembly.memberLimit { members.append((name, AssembledValue(value))) }
      return
    }
    if !Self.naming.contains(name) {
      members[known].value.add(value)
    } else if !value.isNull {
      members[known].value = AssembledValue(value)
    }
  }

  func writeMembers(to writer: inout JSONWriter) {
    for (name, value) in members {
      writer.name(name)
      value.write(to: &writer)
    }
  }
}
