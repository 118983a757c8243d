import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// `promptctl ping`
struct Ping: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask whether the daemon is there, and who it takes you for.",
    discussion: """
      Example: promptctl ping --socket /run/promptd/promptd.sock
      """)

  @OptionGroup var report: ReportOptions

  func run() async throws {
    let began = ContinuousClock.now
    try await report.show(.ping) { result, _ in
      PingPage.text(PingResult(result), time: .now - began)
    }
  }
}
