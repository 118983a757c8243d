"""Commands, units and the journal."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

UNIT = "promptd.service"
SOCKET = "/run/promptd/promptd.sock"
CONFIGURATION = Path("/etc/promptd/promptd.toml")


def run(*words: str, input: str = "", user: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a command, as a user with all of the user's groups if need be; output and errors are in one."""
    command = list(words) if user is None else ["runuser", "-u", user, "--", *words]
    return subprocess.run(
        command, input=input, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=120, check=False, cwd="/")


def succeed(*words: str, input: str = "", user: str | None = None) -> str:
    """Runs a command that must succeed; what it printed."""
    result = run(*words, input=input, user=user)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {result.returncode}\n{result.stdout}")
    return result.stdout


def property_of(name: str, unit: str = UNIT) -> str:
    """A property of a unit, as systemctl shows it."""
    return succeed("systemctl", "show", "--value", f"--property={name}", unit).strip()


def wait_until(holds: Callable[[], object], limit_s: float = 30) -> bool:
    """Looks until it holds, or too long."""
    end = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def configure(text: str, conf_d: dict[str, str] | None = None) -> None:
    """Writes the configuration, and its drop-ins in place of those that were there."""
    CONFIGURATION.write_text(text)
    folder = Path("/etc/promptd/conf.d")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    for name, part in (conf_d or {}).items():
        (folder / name).write_text(part)


def restart() -> None:
    """Has the service start with what is configured, ready when this returns."""
    succeed("systemctl", "daemon-reload")
    succeed("systemctl", "reset-failed")
    succeed("systemctl", "start", "promptd.socket")
    succeed("systemctl", "restart", UNIT)


def json_journal(*matches: str) -> list[dict[str, Any]]:
    """Entries of the service that fit, once the journal has all that was sent."""
    succeed("journalctl", "--sync")
    text = succeed("journalctl", "--no-pager", "--output=json", "--unit=promptd", *matches)
    return [json.loads(line) for line in text.splitlines()]


def journal(*matches: str) -> str:
    """The messages and details of those, a line each."""
    return "\n".join(
        f"{entry.get('MESSAGE')} {entry.get('PROMPTD_DETAIL', '')}" for entry in json_journal(*matches))
