import ArgumentParser
import Figures
import Glibc
import Peers

/// One run of a command: a workspace that is always closed, rows that are shown as they come, and
/// the report at the end.
struct Session {
  /// The name of the command, for the report.
  let command: String
  /// What the user asked for.
  let options: BenchOptions
  /// How long a side runs in a round, in seconds.
  var seconds = 1.5
  /// Rounds where the user says nothing of them.
  var rounds = 5

  /// Measures the groups, and shows or prints what they found. `judge` looks at the report last.
  func run(_ groups: [any RowGroup], judge: (Report) throws -> Void = { _ in }) throws {
    raiseDescriptorLimit()
    let workspace = try Workspace()
    Interruption.close(workspace)
    defer { workspace.close() }
    let bench = Bench(
      options, workspace, rounds: options.rounds ?? rounds, seconds: seconds)
    var report = Report(command: command)
    report.versions = Versions.all(bench)
    if !options.json { say(Table.heading) }
    for group in groups {
      try group.measure(bench) { row in
        report.rows.append(row)
        if !options.json { say(Table.line(row)) }
      }
    }
    report.leftOut = bench.leftOut
    if options.json {
      say(try report.json())
    } else {
      for note in report.leftOut { say("left out: \(note)") }
    }
    try judge(report)
  }

  /// At once, also into a pipe: whoever waits for rows wants to see them.
  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// Ten thousand connections have two ends, and ours are in one process.
  private func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
