import CSystemd
import Glibc

/// Tells systemd how the service is (sd_notify(3)). Without systemd nobody listens, and nothing
/// happens; that a message was lost is no fault either.
package struct ServiceNotifier: Sendable {
  /// Whether anybody listens.
  package let isListened: Bool

  package init() { isListened = getenv("NOTIFY_SOCKET") != nil }

  /// The service answers.
  package func ready(status: String) { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

  /// The line that `systemctl status` shows.
  package func status(_ status: String) { send("STATUS=\(Self.oneLine(status))") }

  /// The service is about to end.
  package func stopping() { send("STOPPING=1\nSTATUS=Stopping") }

  private func send(_ message: String) {
    let keepEnvironment: Int32 = 0
    if isListened { sd_notify(keepEnvironment, message) }
  }

  /// A line break would begin another assignment.
  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
