import ArgumentParser

/// How hits fare as there is more of something.
struct Scaling: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hits with more cores, connections, bytes, answers and waiting requests.")

  @OptionGroup var options: BenchOptions

  @Option(name: .long, help: "Groups: cores,connections,bodies,entries,queue.")
  var only = "cores,connections,bodies,entries,queue"

  @Option(name: .long, help: "The most answers in the cache: 100000 or 1000000.")
  var mostEntries = 1_000_000

  func run() throws {
    let all: [any RowGroup] = [
      LoopScaling(), ConnectionScaling(), BodyScaling(), EntryScaling(most: mostEntries),
      QueueScaling(),
    ]
    try Session(command: "scaling", options: options).run(all.chosen(by: only))
  }
}
