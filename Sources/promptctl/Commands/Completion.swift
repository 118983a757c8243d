import ArgumentParser

/// `promptctl completion`
struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the completion script of a shell.",
    discussion: """
      Packages install all three. By hand, for example:

        promptctl completion bash > ~/.local/share/bash-completion/completions/promptctl
        promptctl completion zsh > ~/.zfunc/_promptctl
        promptctl completion fish > ~/.config/fish/completions/promptctl.fish
      """)

  /// A shell that completes.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    try StandardStream.output.writeStyled(Promptctl.completionScript(for: shell.completed) + "\n")
  }
}

extension Completion.Shell {
  /// The shell as the argument parser knows it.
  fileprivate var completed: CompletionShell {
    switch self {
    case .bash: .bash
    case .zsh: .zsh
    case .fish: .fish
    }
  }
}
