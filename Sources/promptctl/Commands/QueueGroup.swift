import ArgumentParser

/// `promptctl queue …`
struct QueueGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Look at the requests that wait or run, and change their turn.",
    subcommands: [
      QueueList.self, QueueMove.self, QueueCancel.self, QueuePause.self, QueueResume.self,
    ])
}
