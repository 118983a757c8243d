"""The disk under answers, jobs and usage has no room left."""

import errno
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import Connection, line, wait_until

from .programs import Daemon, Folder, configure
from .running import running
from .trial import Trial

# SQLite's journals of both files grow to 4 MiB each.
SIZE_KIB = 32 << 10


@contextmanager
def small_disk(path: Path) -> Iterator[bool]:
    """A file system of a few mebibytes; False where none can be mounted."""
    path.mkdir()
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE_KIB}k", "tmpfs", str(path)],
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(path: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = path / "ballast"
    block = bytes(1 << 12)  # a page: nothing smaller is left
    with open(ballast, "ab", buffering=0) as file:
        while True:
            try:
                file.write(block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return ballast


def full_disk(trial: Trial) -> None:
    """No room for answers, jobs and usage: chats go on, the rest says so, and all heals with room."""
    with Folder() as folder, small_disk(folder / "disk") as is_mounted:
        if not is_mounted:
            return trial.tell("a small disk can only be mounted by root: not tried here")
        disk = folder / "disk"
        configure(folder)
        file = folder / "promptd.toml"
        text = file.read_text()
        for name in ("cache.sqlite", "state.sqlite"):
            text = text.replace(f"{folder}/{name}", f"{disk}/{name}")
        file.write_text(text)
        with running(trial.programs, folder) as (daemon, _):
            kept, job = Disk(trial, daemon, disk).play()
            trial.check(daemon.is_alive() and daemon.end() == 0, "promptd lives on, and ends well")
        with running(trial.programs, folder) as (daemon, _):
            connection = daemon.connect()
            wrong = [asked for asked in kept if not _is_kept(connection, asked)]
            trial.check(
                not wrong, f"after a start all {len(kept)} answers of good times are on disk", wrong[:3]
            )
            damaged = connection.call("cache.verify")["result"]["damaged"]
            trial.check(damaged == 0, "none is damaged", damaged)
            state = connection.call("job.get", job=job).get("result", {}).get("state")
            trial.check(state == "done", "a job of good times is done", state)
            daemon.end()


def _is_kept(connection: Connection, asked: str) -> bool:
    body = {**json.loads(asked), "promptd": {"cache": "only"}}
    return "choices" in connection.ask(json.dumps(body))


class Disk:
    """One promptd on a small disk, before it is full, meanwhile, and after."""

    def __init__(self, trial: Trial, daemon: Daemon, disk: Path) -> None:
        self.trial = trial
        self.daemon = daemon
        self.disk = disk
        self.connection = daemon.connect()

    def play(self) -> tuple[list[str], str]:
        """What must be on disk in the end, and the job that must be done."""
        kept = self.ask(20, "before the disk is full")
        self.await_disk()
        ballast = fill(self.disk)
        self.ask(20, "while the disk is full")
        degraded = wait_until(self._is_degraded, 30)
        self.trial.check(degraded, "status says that answers are not kept", self.store())
        self.ask(200, "while it is known to be full")
        self.submit_in_vain()
        usage_known = wait_until(lambda: self.store()["usage"] != "serving", 30)
        self.trial.check(usage_known, "status says that usage is not written", self.store())
        said = self.daemon.log()
        self.trial.check("warning" in said or "error" in said, "the log says so", said[-1000:])
        said_times = said.count("message_id")
        ballast.unlink()
        healed = wait_until(self._is_healed_after_asking, 90)
        self.trial.check(healed, "with room again all three heal", self.store())
        self.trial.tell(f"{said_times} entries of changes in the log until then")
        job = self.connection.call("job.submit", **json.loads(line()))
        self.trial.check("result" in job, "jobs are accepted again", job)
        name = str(job.get("result", {}).get("job"))
        self.connection.call("job.wait", job=name)
        kept += self.ask(20, "after that")
        rows = self.connection.call("usage").get("result", {}).get("rows", [])
        calls = sum(row["calls"] for row in rows)
        self.trial.check(calls >= 261, f"usage has all calls, also of the time between: {calls}", rows)
        return kept, name

    def store(self) -> dict[str, str]:
        found: dict[str, str] = self.connection.call("status")["result"]["store"]
        return found

    def await_disk(self) -> None:
        """Comes back when all answers until now are on disk, as a listing does."""
        self.connection.send('{"jsonrpc":"2.0","id":1,"method":"cache.list"}')
        while (reply := self.connection.reply()) is not None and "id" not in reply:
            pass
        self.trial.check("result" in (reply or {}), "the answers of good times are listed", reply)

    def _is_degraded(self) -> bool:
        self.connection.ask(line("x" * 8000))
        return self.store()["state"] != "serving"

    def _is_healed_after_asking(self) -> bool:
        """Each store tries again when there is something to write."""
        self.connection.ask(line())
        self.connection.call("job.submit", **json.loads(line()))
        return set(self.store().values()) == {"serving"}

    def ask(self, count: int, when: str) -> list[str]:
        """So many questions that nobody asked, and each once more; all of them."""
        asked = [line("y" * 2000 + when + str(number)) for number in range(count)]
        wrong = [
            str(reply)[:300]
            for text in asked
            for cache in ("miss", "hit")
            if (reply := self.connection.ask(text)).get("promptd", {}).get("cache") != cache
            or "choices" not in reply
        ]
        self.trial.check(
            not wrong, f"{when} {count} questions are answered, and again from memory", "\n".join(wrong[:5])
        )
        return asked

    def submit_in_vain(self) -> None:
        """A job is taken only once it is on disk."""
        replies: list[dict[str, Any]] = []
        for _ in range(50):
            replies.append(self.connection.call("job.submit", **json.loads(line("z" * 4000))))
            if "error" in replies[-1]:
                break
        error = replies[-1].get("error", {}).get("data", {}).get("type")
        self.trial.check(
            error == "store_unavailable",
            "a job is refused with store_unavailable",
            f"after {len(replies)}: {str(replies[-1])[:300]}",
        )


CASES = [full_disk]
