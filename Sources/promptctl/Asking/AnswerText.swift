import JSON

/// Finds the words of an answer.
enum AnswerText {
  /// What a chunk adds to the first choice's content; empty for a chunk of anything else.
  static func added(by chunk: JSONTree) -> String {
    chunk["choices"]?.array?.reduce(into: "") { text, choice in
      if choice["index"]?.int ?? 0 == 0 { text += choice["delta"]?["content"]?.string ?? "" }
    } ?? ""
  }

  /// The content of a completion's first choice; nil if it has none.
  static func whole(_ completion: JSONTree) -> String? {
    completion["choices"]?[0]?["message"]?["content"]?.string
  }
}
