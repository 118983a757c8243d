import ArgumentParser

/// What hits suffer from everything else.
struct Disturbed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Latencies of hits while calls, a purge, a reload, a batch and top go on.")

  @OptionGroup var options: BenchOptions

  @Option(name: .long, help: "Answers that are purged meanwhile.")
  var purged = 100_000

  @Option(name: .long, help: "How long each side runs in a round, in seconds.")
  var seconds = 4.0

  func run() throws {
    try Session(command: "disturbed", options: options).run([
      DisturbedGroup(purged: purged, seconds: seconds)
    ])
  }
}
