import ArgumentParser
import PromptClient
import PromptProtocol

/// `promptctl status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what the daemon is doing.",
    discussion: """
      The exit code is that of LSB init scripts: 0 if the daemon runs, 3 if it does not, 4 if \
      that cannot be told.

      Example: promptctl status --json | jq .upstreams
      """)

  @OptionGroup var report: ReportOptions

  func run() async throws {
    do {
      try await report.show(.status, [], StatusPage.text)
    } catch let error as ClientError {
      throw Self.ending(error)
    }
  }

  /// The ending for a daemon that gave no status.
  static func ending(_ error: ClientError) -> Ending {
    if case .noDaemon = error { return Ending(code: 3, message: error.description) }
    return Ending(code: 4, message: error.description)
  }
}
