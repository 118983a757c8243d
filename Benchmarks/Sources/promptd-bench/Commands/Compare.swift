import ArgumentParser
import Figures

/// Everything that has a target.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Every figure that has a target, beside its yardstick (default).")

  @OptionGroup var options: BenchOptions

  @Option(name: .long, help: "Groups, or \"\" for none: hit,http,miss,stream,memory,start,size.")
  var only = "hit,http,miss,stream,memory,start,size"

  @Option(name: .long, help: "Answers on disk, for the start and for hits from disk.")
  var entries = 100_000

  @Option(name: .long, help: "Requests of the mixed load, after which memory is looked at.")
  var mixed = 300_000

  @Flag(name: .long, help: "Measure the LiteLLM proxy too; installs it in Benchmarks/.build.")
  var litellm = false

  func run() throws {
    var groups: [any RowGroup] = [
      HitGroup(), HTTPGroup(), MissGroup(), StreamGroup(), MemoryGroup(requests: mixed),
      StartGroup(entries: entries), SizeGroup(),
    ]
    groups = try groups.chosen(by: only)
    if litellm { groups.append(LiteLLMGroup()) }
    try Session(command: "compare", options: options).run(groups) { report in
      if report.rows.contains(where: { $0.ok == false }) { throw ExitCode.failure }
    }
  }
}
