import ArgumentParser
import DequeModule
import Glibc
import JSON
import PromptClient
import PromptProtocol

/// `promptctl log`
struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follow what the daemon logs, or show what the journal kept of it.",
    discussion: """
      Without --since or --lines it is what happens from now on, told by the daemon: administrators \
      see everything, others what is about their own client. History is read with journalctl, for \
      those who may read the journal (the groups adm and systemd-journal).

      Upstream calls are logged at level info, answers from the cache at level debug (log.level).

      Examples:
        promptctl log --client nightly
        promptctl log --since '1 hour ago' --cache miss
        promptctl log --lines 20 --follow
      """)

  @OptionGroup var filter: LogFilter

  @Option(
    name: .long, parsing: .unconditional,
    help: "Show entries since then, in the words of journalctl.")
  var since: String?

  @Option(name: [.customShort("n"), .long], help: "Show the last so many entries.")
  var lines: Int?

  @Flag(name: .shortAndLong, help: "Go on with what happens from now on.")
  var follow = false

  @Flag(name: .long, help: "Print each entry as a line of JSON.")
  var json = false

  @OptionGroup var socket: SocketOptions

  func validate() throws {
    if let lines, lines < 0 { throw ValidationError("--lines must be 0 or more") }
  }

  func run() throws {
    if since == nil, lines == nil { try followDaemon() } else { try readJournal() }
  }

  private func followDaemon() throws {
    let params = Array(#"{"topics":["log"]}"#.utf8)
    _ = try EntryReader.read(.watch, params, from: socket.path) { news in
      let news = try JSONTree(parsing: news)
      if let missed = news["missed"]?.int {
        StandardStream.error.complain("\(missed) entries came faster than they were taken")
      }
      if let entry = news["entry"] { try show(LogRecord(daemon: entry)) }
      return true
    }
  }

  private func readJournal() throws {
    // Without --all, long values come as null.
    var arguments = ["--no-pager", "--output=json", "--all"]
    if let since { arguments.append("--since=\(since)") }
    // With both, journalctl would show the first and not the last.
    let isCutHere = since != nil && !follow
    if let lines, !isCutHere { arguments.append("--lines=\(lines)") }
    if follow { arguments.append("--follow") }
    let journal = try Journalctl(arguments + filter.journalMatches(user: geteuid()))
    var last: Deque<LogRecord> = []
    var count = 0
    while let line = try journal.next() {
      count += 1
      let record = LogRecord(journal: line)
      guard isCutHere, let lines else {
        try show(record)
        continue
      }
      last.append(record)
      if last.count > lines { last.removeFirst() }
    }
    for record in last { try show(record) }
    try journal.finish()
    if count == 0, !json {
      StandardStream.error.complain(
        "the journal shows no entries here; reading it takes the group systemd-journal or adm")
    }
  }

  private func show(_ record: LogRecord) throws {
    guard filter.matches(record) else { return }
    try StandardStream.output.writeLine(json ? record.json.text : record.line)
  }
}
