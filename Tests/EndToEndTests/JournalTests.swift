import Glibc
import JSON
import TestSupport
import Testing

@Suite struct JournalTests {
  /// Runs promptd beside a journald of its own, in a mount namespace that ends with it, and prints
  /// what the journal then holds. Arguments: the folder, and where the programs are.
  private static let script = #"""
    set -eu
    folder=$1 programs=$2
    mkdir -p /run/systemd /run/log
    mount -t tmpfs -o mode=755,size=16m tmpfs /run/systemd
    mount -t tmpfs -o mode=755,size=64m tmpfs /run/log
    mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
    printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\n' \
      >/run/systemd/journald.conf.d/50-test.conf
    /lib/systemd/systemd-journald &
    journald=$!
    trap 'kill $journald; wait $journald || true' EXIT
    until [ -S /run/systemd/journal/socket ] && [ -S /run/systemd/journal/io.systemd.journal ]; do
      kill -0 $journald
    done
    "$programs/promptd" --sandbox --config "$folder/promptd.toml" --log-format journal &
    promptd=$!
    until "$programs/promptctl" ping --socket "$folder/promptd.sock" >/dev/null 2>&1; do
      kill -0 $promptd
    done
    "$programs/promptctl" send --socket "$folder/promptd.sock" >/dev/null
    kill -TERM $promptd
    wait $promptd
    journalctl --sync
    journalctl --no-pager -o json SYSLOG_IDENTIFIER=promptd
    """#

  @Test(
    .enabled(
      if: geteuid() == 0 && access("/lib/systemd/systemd-journald", X_OK) == 0,
      "a journald of its own needs root"))
  func callsAndChangesOfStateAreNativeEntriesWithFields() async throws {
    let folder = try TemporaryFolder()
    try folder.write(RunningDaemon.configuration(in: folder), to: "promptd.toml")
    let lines = [
      ChatLine.bare("a secret prompt", more: #","promptd":{"label":"nightly"}"#),
      ChatLine.bare("a secret prompt", model: "sandbox/status?code=418"),
    ]
    let program = try Program(
      "/usr/bin/unshare",
      [
        "-m", "--propagation", "private", "/bin/bash", "-c", Self.script, "journal",
        folder.path, Program.products,
      ], in: folder, input: lines.joined(separator: "\n") + "\n")
    let result = await program.result()
    #expect(result.code == 0, "\(result.errors)")
    let entries = try result.output.split(separator: "\n").map {
      try JSONTree(parsing: Array($0.utf8))
    }
    func entry(_ message: String) -> JSONTree? {
      entries.first { $0["MESSAGE"]?.string == message }
    }
    #expect(entry("serving")?["PRIORITY"]?.string == "5")
    #expect(entry("stopped") != nil)
    let call = entry("call ended")
    #expect(call?["PRIORITY"]?.string == "6")
    #expect(call?["PROMPTD_REQUEST"]?.string?.hasPrefix("r-") == true)
    #expect(call?["PROMPTD_MODEL"]?.string == "sandbox/echo")
    #expect(call?["PROMPTD_LABEL"]?.string == "nightly")
    #expect(call?["PROMPTD_TOKENS_OUT"]?.string != nil)
    #expect(entry("call failed")?["PROMPTD_STATUS"]?.string == "418")
    #expect(!result.output.contains("a secret prompt"))
  }
}
