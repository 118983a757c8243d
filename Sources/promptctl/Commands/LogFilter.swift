import ArgumentParser

/// Which entries of the log are meant.
struct LogFilter: ParsableArguments {
  @Option(name: .long, help: "Entries about this client.", completion: DaemonNames.clients)
  var client: String?

  @Option(name: .long, help: "Entries about this model.", completion: DaemonNames.models)
  var model: String?

  @Option(name: .long, help: "Entries about this outcome: miss, refreshed, hit, joined, ….")
  var cache: String?

  @Option(name: .long, help: "Entries about this request (r-…).")
  var request: String?

  /// What is asked for, by the short names of the fields.
  private var wanted: [(name: String, value: String)] {
    [("client", client), ("model", model), ("cache", cache), ("request", request)]
      .compactMap { name, value in value.map { (name, $0) } }
  }

  /// Whether an entry is meant.
  func matches(_ record: LogRecord) -> Bool {
    wanted.allSatisfy { record[$0.name] == $0.value }
  }

  /// The same as matches of journalctl(1), in the system's service or the user's own. They go by
  /// fields that journald itself writes: anybody may log under any name (systemd.journal-fields(7)).
  func journalMatches(user: UInt32) -> [String] {
    let fields = wanted.map { "PROMPTD_\($0.name.uppercased())=\($0.value)" }
    return ["_SYSTEMD_UNIT=promptd.service", "SYSLOG_IDENTIFIER=promptd"] + fields + ["+"]
      + ["_SYSTEMD_USER_UNIT=promptd.service", "_UID=\(user)", "SYSLOG_IDENTIFIER=promptd"] + fields
  }
}
