import FoundationEssentials
import Glibc

/// A journal of one test: journald over an empty /run, in a mount namespace that ends with it.
enum PrivateJournal {
  private static let journald = "/lib/systemd/systemd-journald"

  /// Whether this machine lets a test have one.
  static var isPossible: Bool {
    geteuid() == 0 && access(journald, X_OK) == 0 && access("/etc/machine-id", R_OK) == 0
  }

  /// Runs a shell script with `$1` the probe and `/run` empty; an error ends it.
  static func run(_ script: String) throws -> Program.Ending {
    try Program.run(
      ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-euc"]
        + ["mount -t tmpfs -o mode=755,size=64m tmpfs /run\n\(script)", "sh", Program.probe])
  }

  /// Runs the probe with `arguments`, shell words, under journald, and gives what it said and the
  /// entries that arrived, each a JSON object.
  static func entries(of arguments: String) throws -> (probe: Program.Ending, [String]) {
    let ending = try run(
      """
      mkdir -p /run/systemd/journald.conf.d /run/systemd/journal /run/log/journal
      cat > /run/systemd/journald.conf.d/test.conf <<-END
      [Journal]
      Storage=volatile
      RateLimitIntervalSec=0
      ReadKMsg=no
      Audit=no
      ForwardToSyslog=no
      ForwardToKMsg=no
      ForwardToConsole=no
      ForwardToWall=no
      END
      \(journald) & journald=$!
      trap 'kill $journald; wait $journald' EXIT
      # It answers once its sockets are there.
      until journalctl --sync 2> /run/sync; do kill -0 $journald || exit 1; done
      \(arguments)
      journalctl --sync
      journalctl --quiet --all --output json SYSLOG_IDENTIFIER=promptd
      """)
    let lines = ending.output.split(separator: "\n").map(String.init)
    return (ending, lines.filter { $0.hasPrefix("{") })
  }
}
