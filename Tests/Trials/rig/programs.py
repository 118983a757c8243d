"""The programs under trial, each with all that it writes in one temporary folder."""

import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from harness import Connection

START_S = 60.0
STOP_S = 60.0

CONFIGURATION = """
[listen]
socket = "{folder}/promptd.sock"
{listen}
[cache]
file = "{folder}/cache.sqlite"
keep_sandbox = true
{cache}
[state]
file = "{folder}/state.sqlite"
[queue]
{queue}
[[upstream]]
name = "sandbox"
base_url = "unix:{folder}/sandbox.sock:/v1"
auth = "none"
{upstream}
{others}
"""


class Programs:
    """Where the release programs are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        for name in ("promptd", "promptctl", "promptd-sandbox"):
            if not os.access(self.folder / name, os.X_OK):
                raise SystemExit(f"trials: there is no {name} in {folder}; make build makes it")

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


class Folder:
    """A temporary folder, gone with all that is in it at the end of the `with`."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="promptd-trial-"))
        return self.path

    def __exit__(self, *what: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class Sandbox:
    """promptd-sandbox on `sandbox.sock` of a folder; lives on when a promptd beside it is killed."""

    def __init__(self, programs: Programs, folder: Path) -> None:
        path = folder / "sandbox.sock"
        path.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [programs["promptd-sandbox"], "--socket", str(path)], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_S)
        if not ready or not self.process.stdout.readline().startswith(b"listening"):
            raise AssertionError("promptd-sandbox did not start")

    def stop(self) -> int:
        return end(self.process)


class Daemon:
    """A promptd. `configure` must have written what it reads."""

    def __init__(
        self, programs: Programs, folder: Path, environment: dict[str, str] | None = None,
        prefix: list[str] | None = None, wait: bool = True, **more: Any
    ) -> None:
        self.folder = folder
        self.socket = str(folder / "promptd.sock")
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = folder / f"notify-{os.urandom(6).hex()}"
        self._notices.bind(str(path))
        variables = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(path)} | (environment or {})
        command = [*(prefix or []), programs["promptd"], "--config", str(folder / "promptd.toml")]
        with open(folder / "promptd.log", "ab") as log:
            self.process = subprocess.Popen(command, stderr=log, env=variables, **more)
        self.pid = self.process.pid
        if wait and not self.await_ready():
            code = self.end()
            raise AssertionError(f"promptd did not start ({code})\n{self.log()[-4000:]}")

    def await_ready(self, limit_s: float = START_S) -> bool:
        """Whether it says that it is ready, and does not end before."""
        life = os.pidfd_open(self.pid)
        try:
            while True:
                ready, _, _ = select.select([self._notices, life], [], [], limit_s)
                if self._notices not in ready:
                    return False
                if b"READY=1" in self._notices.recv(65_536):
                    return True
        finally:
            os.close(life)

    def connect(self, limit_s: float = 60) -> Connection:
        return Connection(self.socket, limit_s)

    def status(self) -> dict[str, Any]:
        """What `status` says, over a connection of its own."""
        connection = self.connect()
        try:
            result: dict[str, Any] = connection.call("status")["result"]
            return result
        finally:
            connection.close()

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self, field: str = "VmRSS") -> int:
        """In bytes; `VmHWM` is the most so far."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"^{field}:\s+(\d+) kB", text, re.M)
        return int(found[1]) * 1024 if found else 0

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL, and comes back when it is gone."""
        self.process.kill()
        self.process.wait()
        self._notices.close()

    def end(self) -> int:
        """Asks it to stop; its exit code, or minus the signal that ended it."""
        self._notices.close()
        return end(self.process)

    def log(self) -> str:
        return (self.folder / "promptd.log").read_text(errors="replace")


def configure(folder: Path, **parts: str) -> None:
    """Writes the configuration; lines for `listen`, `cache`, `queue`, `upstream`, and tables as `others`."""
    values = {"listen": "", "cache": "", "queue": "", "upstream": "", "others": ""} | parts
    (folder / "promptd.toml").write_text(CONFIGURATION.format(folder=folder, **values))


def end(process: "subprocess.Popen[bytes]") -> int:
    """Asks a program to end and gives its exit code; one that does not is killed, and that is a failure."""
    process.terminate()
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"{process.args!r} did not end within {STOP_S} s") from None
    finally:
        if process.stdout is not None:
            process.stdout.close()
