import ArgumentParser

/// `promptctl cache …`
struct CacheGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Look at the cache, and say what is in it.",
    subcommands: [
      CacheStats.self, CacheList.self, CacheShow.self, CacheExplain.self, CachePurge.self,
      CacheExport.self, CacheImport.self, CacheVerify.self,
    ])
}
