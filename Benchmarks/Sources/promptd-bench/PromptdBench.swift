import ArgumentParser

/// The command line.
@main
struct PromptdBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promptd-bench",
    abstract: "Measures promptd from outside, beside what it can be held against.",
    subcommands: [
      Compare.self, Quick.self, Scaling.self, Disturbed.self, Idle.self, LoadCommand.self,
    ],
    defaultSubcommand: Compare.self)
}
