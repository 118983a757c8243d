import ArgumentParser
import Glibc
import PromptClient

/// `promptctl batch`
struct Batch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have every request of a file answered, at low priority.",
    discussion: """
      FILE holds lines of OpenAI's Batch API (custom_id, method, url, body), or bare bodies, which are \
      named line-N. All lines are checked before anything is sent. Answers go to the output file and \
      failures to that file's .errors, a line each in the API's own form.

      The requests become jobs: they go on when you stop, and the same command goes on where it was \
      stopped. Answers that are in the output file are not asked for again, and failures are tried \
      again. Requests with the same body are asked once. The exit code is 65 if any failed.

      Example: promptctl batch requests.jsonl -o answers.jsonl
      """)

  @Argument(help: "The file of requests.", completion: .file())
  var file: String

  @Option(
    name: .shortAndLong, help: "Where answers go; FILE with .answers behind it unless given.",
    completion: .file())
  var output: String?

  @Option(name: .long, help: "Requests under way, at most.")
  var inFlight = 64

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  @Flag(name: .long, help: "Print what came of it as one line of JSON at the end.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func validate() throws {
    guard (1...200).contains(inFlight) else {
      throw ValidationError("--in-flight must be from 1 to 200")
    }
  }

  func run() async throws {
    let requests = BatchFile(path: file)
    let total = try requests.check()
    let files = try BatchOutput(path: output ?? "\(file).answers", input: file)
    let earlier = try requests.answered(in: files)
    let client = SteadyClient(path: socket.path)
    let tally = BatchTally(total: total, earlier: earlier)
    let bar = quiet ? nil : ProgressLine { tally.now.bar(width: $0, elapsed: tally.elapsed) }
    InterruptSignal.end {
      bar?.clear()
      StandardStream.error.complain(
        "stopped: what is under way goes on, and the same command goes on where it was stopped")
    }
    do {
      try await BatchRun(client: client, batch: files.batch, width: inFlight).run(
        requests, finished: files.finished
      ) { result in
        try files.write(result)
        tally.count(result)
      }
    } catch {
      bar?.clear()
      await client.close()
      throw error
    }
    bar?.clear()
    await client.close()
    let progress = tally.now
    try files.finish(hasErrors: progress.errors > 0)
    if json { try StandardStream.output.writeLine(progress.json(elapsed: tally.elapsed)) }
    if !quiet, !json {
      try StandardStream.error.writeLine(progress.summary(elapsed: tally.elapsed))
    }
    if progress.errors > 0 {
      throw Ending(
        code: 65, message: "\(progress.errors) requests failed: \(files.errorPath) says why")
    }
  }
}
