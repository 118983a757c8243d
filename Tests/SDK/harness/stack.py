"""The programs under test, in a temporary folder: promptd, the relay, promptd-sandbox."""

import atexit
import os
import pwd
import select
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from .relay import CountingRelay

TOKEN = "a-token-of-the-tests"
CLIENT = "sdk"
START_TIME = 20.0
STOP_TIME = 30.0

CONFIGURATION = """
[listen]
socket = "{folder}/promptd.sock"
http = "127.0.0.1:{port}"
http_tokens_file = "{folder}/tokens"
max_line_bytes = "1MiB"
[cache]
file = "{folder}/cache.sqlite"
[state]
file = "{folder}/state.sqlite"
[queue]
max_queued = {max_queued}
[[upstream]]
name = "sandbox"
base_url = "unix:{folder}/relay.sock:/v1"
auth = "none"
models = ["sandbox/echo", "sandbox/*"]
max_concurrent = {max_concurrent}
[upstream.retry]
attempts = 1
[upstream.breaker]
failures = 1000000
[[client]]
name = "{client}"
user = "{user}"
models = ["sandbox/*", "nobodys/*"]
"""


class Stack:
    """Starts everything and ends only what it started."""

    def __init__(self, max_concurrent: int = 16, max_queued: int = 1000) -> None:
        self._programs = Path(os.environ["PROMPTD_PROGRAMS"])
        self.folder = Path(tempfile.mkdtemp(prefix="promptd-sdk-"))
        self.port = free_port()
        self.socket = self.folder / "promptd.sock"
        self.relay = CountingRelay(self.folder / "relay.sock", self.folder / "sandbox.sock")
        self._running: list[subprocess.Popen[bytes]] = []
        self._relays = False
        self._write("tokens", f"{TOKEN} {CLIENT}\n")
        user = pwd.getpwuid(os.getuid()).pw_name
        text = CONFIGURATION.format(
            folder=self.folder, port=self.port, client=CLIENT, user=user,
            max_concurrent=max_concurrent, max_queued=max_queued,
        )
        self._write("promptd.toml", text)

    def start(self) -> None:
        """Comes back when promptd says that it is ready."""
        # For a run that is stopped in the middle of a test.
        atexit.register(self.stop)
        try:
            self._start_sandbox()
            self.relay.start()
            self._relays = True
            self._start_promptd()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends promptd first, so that nothing is cut off under it."""
        atexit.unregister(self.stop)
        try:
            codes = [end(process) for process in reversed(self._running)]
            log = self.log()
            if self._relays:
                self.relay.stop()
        finally:
            shutil.rmtree(self.folder)
        if any(codes):
            raise AssertionError(f"a program ended with {codes}\n{log}")

    def log(self) -> str:
        """What promptd wrote to standard error."""
        path = self.folder / "promptd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _start_sandbox(self) -> None:
        path = self.folder / "sandbox.sock"
        command = [self._programs / "promptd-sandbox", "--socket", path]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._running.append(process)
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_TIME)
        if not ready or not process.stdout.readline().startswith(b"listening"):
            raise AssertionError("promptd-sandbox did not start")

    def _start_promptd(self) -> None:
        notices = self.folder / "notify"
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(notices)}
        command = [self._programs / "promptd", "--config", self.folder / "promptd.toml"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(notices))
            with open(self.folder / "promptd.log", "wb") as log:
                process = subprocess.Popen(command, stderr=log, env=environment)
            self._running.append(process)
            life = os.pidfd_open(process.pid)
            try:
                self._await_ready(listener, life)
            finally:
                os.close(life)

    def _await_ready(self, listener: socket.socket, life: int) -> None:
        while True:
            ready, _, _ = select.select([listener, life], [], [], START_TIME)
            if listener not in ready:
                raise AssertionError(f"promptd did not start\n{self.log()}")
            if b"READY=1" in listener.recv(65_536):
                return

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end(process: subprocess.Popen[bytes]) -> int:
    """Asks a program to end and gives its exit code; a program that does not is killed."""
    process.terminate()
    try:
        return process.wait(STOP_TIME)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        if process.stdout is not None:
            process.stdout.close()
