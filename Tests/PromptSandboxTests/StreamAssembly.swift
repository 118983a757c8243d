import JSON

/// Puts the chunks of a stream together as a client library would.
struct StreamAssembly {
  private struct Choice {
    var message: [JSONTree.Member] = []
    var logprobs: [JSONTree] = []
    var finishReason = JSONTree.null
  }

  private var choices: [Int: Choice] = [:]
  private var head: [JSONTree.Member] = []
  private var usage: JSONTree?

  /// The completion that the chunks make.
  static func completion(of chunks: [JSONTree]) -> JSONTree {
    var assembly = Self()
    for chunk in chunks { assembly.add(chunk) }
    return assembly.completion
  }

  private mutating func add(_ chunk: JSONTree) {
    usage = chunk["usage"] ?? usage
    head = (chunk.members ?? []).filter { !["choices", "usage"].contains($0.name) }
    for choice in chunk["choices"]?.array ?? [] {
      var known = choices[choice["index"]?.int ?? 0] ?? Choice()
      for member in choice["delta"]?.members ?? [] { Self.merge(member, into: &known.message) }
      known.logprobs += choice["logprobs"]?["content"]?.array ?? []
      if let reason = choice["finish_reason"], reason != .null { known.finishReason = reason }
      choices[choice["index"]?.int ?? 0] = known
    }
  }

  /// Strings join, arrays merge by their elements' `index`, objects by their members' names.
  private static func merge(_ new: JSONTree.Member, into members: inout [JSONTree.Member]) {
    let place =
      members.firstIndex { $0.name == new.name }
      ?? {
        members.append(.init(new.name, .null))
        return members.count - 1
      }()
    members[place].value = merged(members[place].value, new.value)
  }

  private static func merged(_ old: JSONTree, _ new: JSONTree) -> JSONTree {
    switch (old, new) {
    case (.string(let left), .string(let right)): return .string(left + right)
    case (_, .array(let elements)):
      var all = old.array ?? []
      for element in elements {
        let index = element["index"]?.int ?? 0
        while all.count <= index { all.append(.null) }
        let plain = (element.members ?? []).filter { $0.name != "index" }
        all[index] = merged(all[index], .object(plain))
      }
      return .array(all)
    case (_, .object(let parts)):
      var all = old.members ?? []
      for part in parts { merge(part, into: &all) }
      return .object(all)
    default: return new
    }
  }

  private var completion: JSONTree {
    let list = choices.sorted { $0.key < $1.key }.map { index, choice in
      var members: [JSONTree.Member] = [
        .init("index", .number("\(index)")), .init("message", .object(choice.message)),
      ]
      if !choice.logprobs.isEmpty {
        members.append(.init("logprobs", .object([.init("content", .array(choice.logprobs))])))
      }
      return JSONTree.object(members + [.init("finish_reason", choice.finishReason)])
    }
    let start = head.map { member in
      member.name == "object"
        ? JSONTree.Member("object", .string("chat.completion")) : member
    }
    let end = usage.map { [JSONTree.Member("usage", $0)] } ?? []
    return .object(start + [.init("choices", .array(list))] + end)
  }
}
