import ArgumentParser
import Dispatch
import Glibc
import PromptServer

/// The daemon's command line.
@main
struct Promptd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promptd",
    abstract: "Answers chat-completions requests over a Unix socket, from a cache or an upstream.",
    version: Startup.version)

  @Option(name: .long, help: "The configuration file, in place of the usual one.")
  var config: String?

  @Option(name: .long, help: "Log entries: auto, journal, text or json.")
  var logFormat: String?

  @Flag(name: .long, help: "Ask a built-in sandbox that makes answers up, and no real upstream.")
  var sandbox = false

  /// Runs the daemon and ends the process with its exit code.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      if !code.isSuccess { Startup.refuseWhoeverWaits() }
      exit(withError: error)
    }
  }

  func run() throws {
    StopSignals.block()
    let startup = Startup(
      configurationFile: config, logFormat: logFormat, isSandbox: sandbox)
    let sandbox = sandbox
    let ended = DispatchSemaphore(value: 0)
    // The one task of the program: run() returns when all it started has ended. Of a usual priority: for
    // that of the main thread, libdispatch would ask for a niceness that no service is given, and
    // complain to the journal.
    Task(executorPreference: QueueExecutor(), priority: .medium) {
      let code = await startup.run { serve in
        sandbox ? try await EmbeddedSandbox.run(serve) : try await serve(nil)
      }
      Glibc.exit(code)
    }
    ended.wait()
  }
}
