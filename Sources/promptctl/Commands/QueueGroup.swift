import ArgumentParser

/// `promptctl queue …`
struct QueueGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Look at the requests that wait or run.",
    subcommands: [QueueList.self])
}
