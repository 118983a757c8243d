import ArgumentParser

/// `promptctl cache …`
struct CacheGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Look at the cache.", subcommands: [CacheStats.self])
}
