"""1. The package, on a system without Swift: install, first connection, remove, purge."""

import os
import shutil
import time
from pathlib import Path

from harness import SOCKET, Connection, Report, journal, property_of, run, succeed, wait_until

PACKAGE = next(iter(Path("/package").glob("*.deb")))
# What dpkg, systemd and the system's own databases write about every package.
ELSEWHERE = (
    "/proc", "/sys", "/dev", "/run", "/tmp", "/test", "/package", "/result", "/var/lib/dpkg",
    "/var/lib/apt", "/var/cache/apt", "/var/log", "/var/lib/systemd", "/var/cache/debconf",
    "/var/tmp", "/root",
)
ACCOUNTS = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")


def files() -> set[str]:
    found = set()
    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in ELSEWHERE]
        found.update(os.path.join(folder, name) for name in folders + names)
    return found


def accounts() -> list[str]:
    return [line for path in ACCOUNTS for line in Path(path).read_text().splitlines()]


def install() -> str:
    return succeed("apt-get", "-y", "-q", "install", str(PACKAGE))


def configure_as_an_administrator_would() -> None:
    """The key, and another address in the file that came with the package."""
    key = Path("/etc/promptd/keys.d/jiekou")
    key.write_text("sk-test-of-the-package\n")
    key.chmod(0o600)
    path = Path("/etc/promptd/promptd.toml")
    text = path.read_text()
    assert 'base_url = "https://api.jiekou.ai/openai/v1"' in text
    path.write_text(text.replace("https://api.jiekou.ai/openai/v1", "http://127.0.0.1:8901/v1"))


def check(report: Report) -> None:
    succeed(
        "systemd-run", "--quiet", "--unit=upstream", "sh", "-c",
        "while [ ! -x /usr/bin/promptd-sandbox ]; do sleep 0.1; done; "
        "cp /usr/bin/promptd-sandbox /run/ && exec /run/promptd-sandbox --port 8901")
    before, known = files(), accounts()
    report.check(shutil.which("swift") is None, "there is no Swift on this system")
    install()
    linked = run("ldd", "/usr/bin/promptd", "/usr/bin/promptctl", "/usr/bin/promptd-sandbox").stdout
    report.check("not found" not in linked and "swift" not in linked.lower(),
                 "the programs find all their libraries, and none is Swift's", linked)
    again = run("dpkg", "--verify", "promptd").stdout
    report.check(again == "", "dpkg finds every file as it was packed", again)

    without_key(report)
    configure_as_an_administrator_would()
    first_connection(report)

    upgrade(report)
    succeed("apt-get", "-y", "-q", "remove", "promptd")
    report.check(not Path(SOCKET).exists() and not Path("/run/promptd").exists(),
                 "remove: the service, its socket and the socket's folder are gone")
    report.check(Path("/etc/promptd/promptd.toml").exists()
                 and Path("/var/lib/promptd/state.sqlite").exists(),
                 "remove: configuration and data stay")
    succeed("dpkg", "--purge", "promptd")
    left = sorted(files() - before)
    report.check(left == ["/etc/promptd", "/etc/promptd/keys.d", "/etc/promptd/keys.d/jiekou"],
                 "purge: nothing is left but the administrator's key", "\n".join(left))
    report.check(accounts() == known, "purge: the accounts are gone too", sorted(set(accounts()) ^ set(known)))
    shutil.rmtree("/etc/promptd")
    others_accounts(report)
    install()


def others_accounts(report: Report) -> None:
    """Accounts of the package's names that somebody else made are not the package's to remove."""
    succeed("groupadd", "promptd-clients")
    succeed("useradd", "--no-create-home", "promptd")
    theirs = accounts()
    install()
    succeed("dpkg", "--purge", "promptd")
    report.check(accounts() == theirs, "purge: accounts that were there before stay", sorted(set(accounts()) ^ set(theirs)))
    succeed("userdel", "promptd")
    succeed("groupdel", "promptd-clients")


def without_key(report: Report) -> None:
    """A start without a key fails once, and says what to do."""
    result = run("systemctl", "start", "promptd.service")
    said = journal()
    report.check(result.returncode != 0 and property_of("ExecMainStatus") == "78"
                 and "/etc/promptd/keys.d/jiekou" in said,
                 "a start without a key is refused and says where the key goes", said)
    succeed("systemctl", "stop", "promptd.socket", "promptd.service")
    succeed("systemctl", "reset-failed", "promptd.service")


def upgrade(report: Report) -> None:
    """Over itself, which goes the same way."""
    path = Path("/etc/promptd/promptd.toml")
    text, pid = path.read_text(), property_of("MainPID")
    succeed("dpkg", "--install", str(PACKAGE))
    report.check(path.read_text() == text, "an upgrade leaves the configuration as the administrator wrote it")
    report.check(property_of("MainPID") not in ("0", pid), "an upgrade restarts what runs")


def first_connection(report: Report) -> None:
    succeed("systemctl", "enable", "--now", "promptd.socket")
    report.check(property_of("ActiveState") == "inactive", "enabled by its socket, it is not started")
    began = time.monotonic()
    connection = Connection()
    reply = connection.ask('{"model":"sandbox/echo","messages":[{"role":"user","content":"hello"}]}')
    took = time.monotonic() - began
    report.check(reply.get("choices"), "the first connection starts it and is answered", reply)
    began = time.monotonic()
    connection.ask('{"model":"sandbox/echo","messages":[{"role":"user","content":"again"}]}')
    report.tell(f"first answer, start included, after {took * 1000:.0f} ms; "
                f"the next after {(time.monotonic() - began) * 1000:.1f} ms")
    connection.close()
    # systemd learns that it serves a moment after its clients.
    wait_until(lambda: property_of("ActiveState") == "active", 10)
    status = run("systemctl", "status", "--no-pager", "promptd.service").stdout
    shown = [line.strip() for line in status.splitlines() if line.strip().startswith("Status:")]
    report.check(shown and "Serving:" in shown[0] and "jiekou" in shown[0],
                 f"systemctl status shows {shown[0] if shown else 'no status'}", status)
