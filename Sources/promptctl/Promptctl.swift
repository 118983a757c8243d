import ArgumentParser
import Glibc
import PromptClient
import PromptProtocol

/// The command line for people and scripts.
@main
struct Promptctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promptctl",
    abstract: "Asks promptd, and shows what it does.",
    discussion: """
      The socket is the one of --socket, else of $PROMPTD_SOCKET, else your own daemon's if there \
      is one, else /run/promptd/promptd.sock.
      """,
    version: ProtocolVersion.program,
    subcommands: [
      Ask.self, Send.self, Status.self, Top.self, QueueGroup.self, Clients.self, JobGroup.self,
      Batch.self, CacheGroup.self, Usage.self, Models.self, Metrics.self,
      ConfigGroup.self, Reload.self, Log.self, LogLevelCommand.self, Ping.self, Completion.self,
    ])

  /// Runs the command and ends the process with its exit code.
  static func main() async {
    // A reader that goes away is an error of write(2), which every command can tidy up after.
    signal(SIGPIPE, SIG_IGN)
    StandardStream.fillClosed()
    if let mistyped = MistypedCommand.find(in: CommandLine.arguments.dropFirst()) {
      StandardStream.error.complain(mistyped.message)
      Glibc.exit(64)
    }
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      guard let ending = Ending(error) else { exit(withError: error) }
      if let message = ending.message { StandardStream.error.complain(message) }
      Glibc.exit(ending.code)
    }
  }
}
