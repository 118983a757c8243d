import ArgumentParser
import Figures
import Peers

/// What shows within a minute whether a change has cost speed.
struct Quick: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The ratios that a change may move, within a minute.")

  @OptionGroup var options: BenchOptions

  @Option(name: .long, help: "An earlier run's --json, to compare with.")
  var against: String?

  @Option(name: .long, help: "With --against: a loss below this part is noise.")
  var tolerance = 0.25

  func run() throws {
    let earlier = try against.map { try Report(json: Files.read($0)) }
    let groups: [any RowGroup] = [
      HitGroup(withRedis: false), HTTPGroup(), MissGroup(withLatency: false), SizeGroup(),
    ]
    // Many short rounds: a neighbour that comes and goes spoils some, and their median stays.
    let session = Session(command: "quick", options: options, seconds: 0.25, rounds: 11)
    try session.run(groups) { report in
      guard let earlier, !options.json else { return }
      let losses = report.losses(since: earlier, over: tolerance)
      for (row, loss) in losses {
        print("FELL by \(Int((loss * 100).rounded())) %: \(row.name)")
      }
      if losses.isEmpty { print("no row fell by more than \(Int(tolerance * 100)) %") }
    }
  }
}
