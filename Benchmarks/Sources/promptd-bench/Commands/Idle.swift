import ArgumentParser

/// What promptd costs when nobody asks anything.
struct Idle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Memory and wake-ups of a promptd that has nothing to do.")

  @OptionGroup var options: BenchOptions

  @Option(name: .long, help: "How long wake-ups are counted, in seconds.")
  var seconds = 10

  func run() throws {
    try Session(command: "idle", options: options).run([IdleGroup(seconds: seconds)])
  }
}
