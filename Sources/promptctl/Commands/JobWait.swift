import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl job wait`
struct JobWait: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait", abstract: "Wait for a job, and print its answer.",
    discussion: """
      Goes on waiting while the daemon restarts. The exit code is that of the request where the job \
      failed, and 75 where it was cancelled.

      Example: promptctl job wait "$(promptctl job submit body.json)"
      """)

  @Argument(help: "The job (j-…).", completion: DaemonNames.jobs)
  var job: String

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func run() async throws {
    let client = SteadyClient(path: socket.path)
    var writer = JSONWriter()
    writer.object { $0.member("job", job) }
    let result = try await client.report(.jobWait, writer.bytes)
    await client.close()
    if json {
      try StandardStream.output.writeLine(result.text)
    } else if let answer = result["result"].flatMap(AnswerText.whole) {
      try StandardStream.output.writeLine(answer)
    }
    guard let error = result["error"]?["error"] else { return }
    let name = error["type"]?.string ?? ""
    throw Ending(
      code: ErrorName(rawValue: name)?.exitCode ?? 69,
      message: json ? nil : "\(error["message"]?.string ?? "the job failed") (\(name))")
  }
}
