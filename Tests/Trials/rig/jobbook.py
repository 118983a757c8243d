"""Jobs that were submitted, and what was said of them."""

import threading
from collections.abc import Callable
from typing import Any

from .documents import error_of
from .questions import Question, judge


class JobBook:
    """Knows what must be there after a kill. Any thread may write into it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By idempotency key: what was asked, whether or not it was acknowledged.
        self.asked: dict[str, Question] = {}
        # By idempotency key, the name under which a job was acknowledged; and the other way round.
        self.names: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        # By name, when a job ended and as which request: said once, it stays so.
        self.ended: dict[str, tuple[int, str]] = {}
        # Errors that are no fault.
        self.excused: set[str] = set()
        self.again = 0
        self.wrong: list[str] = []

    def complain(self, text: str) -> None:
        with self._lock:
            self.wrong.append(text)

    def begin(self, question: Question) -> str:
        """A key for a job that is going to be submitted."""
        with self._lock:
            key = f"key {len(self.asked)}"
            self.asked[key] = question
            return key

    def acknowledged(self, key: str, reply: dict[str, Any]) -> str | None:
        """Takes the reply to a submission; the job's name."""
        if (error := error_of(reply)) is not None:
            if error not in self.excused:
                self.complain(f"a job was refused: {str(reply)[:300]}")
            return None
        name: str = reply["result"]["job"]
        with self._lock:
            known = self.names.setdefault(key, name)
            self.again += known == name and name in self.keys
            self.keys.setdefault(name, key)
        if known != name:
            self.complain(f"{key} is {known}, and {name}")
        return name

    def ask(self, name: str) -> Callable[[dict[str, Any]], None]:
        """Before `job.get` or `job.wait` is asked of an acknowledged job: what takes the reply. That may lie
        unread while somebody else hears of the end, so what counts is what was known when it was asked."""
        had_ended = name in self.ended
        return lambda reply: self._look(name, reply, had_ended)

    def _look(self, name: str, reply: dict[str, Any], had_ended: bool) -> None:
        if (error := error_of(reply)) in self.excused:
            return
        if error is not None:
            return self.complain(f"{name} was acknowledged, and now: {str(reply)[:300]}")
        job = reply["result"]
        if job["state"] in ("queued", "running"):
            if had_ended:
                self.complain(f"{name} had ended, and is {job['state']}")
            return
        if job["state"] != "done" or job["job"] != name:
            return self.complain(f"{name} ended as {str(job)[:300]}")
        if fault := judge(self.asked[self.keys[name]], job["result"]):
            return self.complain(f"{name}: {fault}")
        end = (job["finished"], job["result"]["promptd"]["request"])
        with self._lock:
            known = self.ended.setdefault(name, end)
        if known != end:
            self.complain(f"{name} ended at {known[0]} as {known[1]}, and at {end[0]} as {end[1]}")

    def some(self, number: int) -> list[str]:
        """Names of acknowledged jobs, those of the latest first."""
        with self._lock:
            return list(self.keys)[-number:]

    def unfinished(self) -> list[str]:
        """Names of acknowledged jobs that nobody has seen the end of."""
        with self._lock:
            return [name for name in self.keys if name not in self.ended]
