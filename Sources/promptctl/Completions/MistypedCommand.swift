import ArgumentParser
import PromptConfiguration

/// A word where a command should be that is none.
struct MistypedCommand: Equatable {
  var word: String
  /// The command that it is nearest to.
  var nearest: String?

  /// Finds it in the words of a command line; nil where all commands are known.
  static func find(
    in words: some Collection<String>, of command: any ParsableCommand.Type = Promptctl.self
  ) -> MistypedCommand? {
    let commands = command.configuration.subcommands
    guard let word = words.first, !word.hasPrefix("-"), !commands.isEmpty else { return nil }
    if let next = commands.first(where: { $0._commandName == word }) {
      return find(in: Array(words.dropFirst()), of: next)
    }
    guard word != "help" else { return nil }
    return MistypedCommand(
      word: word, nearest: NearestName.of(word, among: commands.map { $0._commandName }))
  }

  /// What to say of it.
  var message: String {
    let word = PlainText.cell(String(word.prefix(64)))
    return "there is no command \(word)\(nearest.map { "; did you mean \($0)?" } ?? ""): see --help"
  }
}
