"""8. A bad configuration ends the start with 78: no loop, and everybody who asks is told."""

import time

from harness import (
    CONFIGURATION, Connection, Report, ask, configure, journal, line, property_of, restart, run, sandboxed, succeed)


def starts() -> int:
    """How often systemd has started the service's program in this boot."""
    succeed("journalctl", "--sync")
    told = succeed("journalctl", "--no-pager", "--output=cat", "--unit=promptd", "--boot",
                   "MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5")  # a unit's start has begun
    return len(told.splitlines())


def check(report: Report) -> None:
    configure(sandboxed(queue="max_queued = 0"))
    succeed("systemctl", "stop", "promptd.service")
    succeed("systemctl", "start", "promptd.socket")
    result = run("systemctl", "start", "promptd.service")
    report.check(result.returncode != 0, "systemctl start fails", result.stdout)
    report.check((property_of("ExecMainStatus"), property_of("Result")) == ("78", "exit-code"),
                 "the exit code is 78")
    report.check(f"{CONFIGURATION}: queue.max_queued" in journal("--lines=10"),
                 "the journal says file and key", journal("--lines=10"))
    before = starts()
    time.sleep(3)  # what must not happen has no event: three times RestartSec
    report.check((property_of("NRestarts"), starts()) == ("0", before), "it is not started again by itself")

    replies = []
    for _ in range(3):
        connection = Connection()
        connection.send(line())
        replies.append((connection.reply() or {}).get("error", {}))
        connection.close()
    report.check(all("promptctl config check" in error.get("message", "") for error in replies),
                 "whoever connects is told, at once", replies)
    time.sleep(1)
    # A connection that came while promptd was about to end makes for one more.
    report.check(before < starts() <= before + 6, "each of them had it started once or twice, and nobody else",
                 f"{starts() - before} starts")
    report.check(property_of("ActiveState", "promptd.socket") == "active", "the socket is still there")

    configure(sandboxed())
    report.check("choices" in ask(line()), "once the file is mended the next one to connect is answered")
    restart()
