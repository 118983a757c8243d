/// The text of a question from the command line and from standard input.
enum QuestionText {
  /// The words, then what was piped in, a blank line between them. Line breaks at the end of the
  /// input are dropped, so that `echo` and an argument ask the same and share an answer. Nil when
  /// there is no text at all.
  static func joined(words: [String], input: String?) -> String? {
    let prompt = words.joined(separator: " ")
    var piped = Substring(input ?? "")
    while let last = piped.last, last.isNewline { piped.removeLast() }
    let parts = [prompt, String(piped)].filter { !$0.isEmpty }
    return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
  }
}
