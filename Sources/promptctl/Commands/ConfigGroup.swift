import ArgumentParser

/// `promptctl config …`
struct ConfigGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Look after the configuration.",
    subcommands: [ConfigCheck.self, ConfigShow.self])
}
