import PromptClient

/// `ping` for people.
enum PingPage {
  /// One line; `time` is how long the answer took, connecting included.
  static func text(_ ping: PingResult, time: Duration) -> String {
    var parts = ["promptd \(ping.version ?? "of an unknown version") answers"]
    if let pid = ping.pid { parts.append("pid \(pid)") }
    if let uptime = ping.uptime { parts.append("up \(Quantities.seconds(uptime))") }
    if let client = ping.client { parts.append("you are \(client)") }
    parts.append(Quantities.milliseconds(time.milliseconds))
    return PlainText.cell(parts.joined(separator: ", ")) + "\n"
  }
}
