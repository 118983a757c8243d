import ArgumentParser
import Peers

/// What all commands take that start a promptd.
struct BenchOptions: ParsableArguments {
  @Option(
    name: .long, help: "The promptd to measure; promptctl and the others are looked for beside it.")
  var promptd = Installation.usual

  @Option(name: .long, help: "Rounds, 5 unless said; each row is the median of theirs.")
  var rounds: Int?

  @Flag(name: .long, help: "One JSON object in place of a table.")
  var json = false

  func validate() throws {
    guard rounds ?? 1 > 0 else { throw ValidationError("--rounds must be at least 1") }
    guard Files.exists(promptd) else {
      throw ValidationError("there is no \(promptd): make build, or --promptd PATH")
    }
  }
}
