import ArgumentParser
import Dispatch
import Glibc
import PromptSandbox

/// The sandbox's command line.
@main
struct PromptdSandbox: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promptd-sandbox",
    abstract: "Speaks the chat-completions API and makes all answers up, faults on demand.")

  @Option(name: .long, help: "The Unix socket to listen on.")
  var socket: String?

  @Option(name: .long, help: "The port of 127.0.0.1 to listen on; 0 for any that is free.")
  var port: Int?

  func validate() throws {
    guard (socket == nil) != (port == nil) else {
      throw ValidationError("Say where to listen: either --socket PATH or --port N.")
    }
    guard (0...65535).contains(port ?? 0) else {
      throw ValidationError("The port must be a number from 0 to 65535.")
    }
  }

  func run() async throws {
    let (signals, asked) = AsyncStream<Void>.makeStream()
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { asked.yield() }
      source.resume()
      return source
    }
    let place = socket.map(Sandbox.Place.unix) ?? .loopback(port: port ?? 0)
    let sandbox = try await Sandbox.start(on: place)
    print("listening on \(sandbox.address.name)")
    fflush(nil)
    for await _ in signals.prefix(1) {}
    for source in sources { source.cancel() }
    await sandbox.stop()
  }
}
