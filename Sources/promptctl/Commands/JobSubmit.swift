import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl job submit`
struct JobSubmit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Hand a request over; print the job's name.",
    discussion: """
      Reads the body of a request, as send takes it. Once the name is printed, the job is on disk and \
      will be done, whatever happens to you or the daemon.

      Example: promptctl job submit body.json
      """)

  @Argument(help: "A file with the body; standard input without it.", completion: .file())
  var file: String?

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let body = try RequestBody.read(file)
    let result = try await PromptClient.withConnection(to: socket.path) {
      try await $0.report(.jobSubmit, body, within: .seconds(60))
    }
    let name = result["job"]?.string ?? ""
    try StandardStream.output.writeLine(json ? result.text : name)
  }
}
