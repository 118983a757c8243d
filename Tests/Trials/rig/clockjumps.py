"""The clock is set forward and back while promptd works."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import Connection, line, wait_until

from .clock import DAY_S, MovableClock, processor_s
from .figures import mib
from .programs import Daemon, Folder, configure
from .raw import Raw, post, responses
from .running import running
from .trial import Trial
from .users import CAN_BE_OTHERS, let_all_in
from .target import as_user

YEAR_S = 365 * DAY_S
# By how much the clock is wrong, one after the other.
JUMPS = [
    ("a day forward", DAY_S),
    ("back again", 0),
    ("a day back", -DAY_S),
    ("to the right time", 0),
    ("nine days forward", 9 * DAY_S),
    ("a hundred years forward", 100 * YEAR_S),
    ("before 1970", -70 * YEAR_S),
    ("to the right time again", 0),
]
# A chat, whatever the clock does.
AT_ONCE_S = 1.0
SPENDER = 20_101


def clock_jumps(trial: Trial) -> None:
    """A day forward and back, and much further, and after each jump all goes on at once."""
    with Folder() as folder:
        try:
            clock = MovableClock(folder)
        except FileNotFoundError as error:
            return trial.tell(f"{error}: not tried here")
        let_all_in(folder)
        configure(
            folder,
            listen='mode = "0666"',
            cache='ttl = "12h"\nstale_if_error = "0s"',
            upstream="max_concurrent = 4",
            others=f'[[client]]\nname = "spender"\nuser = "{SPENDER}"\ntokens_per_day = 20',
        )
        with running(trial.programs, folder, environment=clock.environment) as (daemon, _):
            Jumps(trial, daemon, clock).play()
            trial.check(daemon.is_alive(), "promptd lives on", daemon.log()[-3000:])
            trial.check(daemon.end() == 0, "it ends well")
        restart_in_the_past(trial, folder, clock)


class Jumps:
    """One promptd, and what is under way in it when its clock jumps."""

    def __init__(self, trial: Trial, daemon: Daemon, clock: MovableClock) -> None:
        self.trial = trial
        self.daemon = daemon
        self.clock = clock
        self.admin = daemon.connect()
        self.known = line("known")
        self.wrong: list[str] = []

    def play(self) -> None:
        self.admin.ask(self.known)
        self.spend()
        for number, (name, seconds) in enumerate(JUMPS):
            self.jump(name, seconds)
            if number == 1:
                self.check_budget()
        self.trial.check(
            not self.wrong,
            f"after each of {len(JUMPS)} jumps all goes on at once, and no figure is absurd",
            "\n".join(self.wrong),
        )
        self.check_ages()

    def complain(self, name: str, text: str, seen: object) -> None:
        self.wrong.append(f"{name}: {text}: {str(seen)[:500]}")

    def jump(self, name: str, seconds: int) -> None:
        """Sets the clock while a call, a stream, two waiting requests and a job are under way."""
        slow = line(model="sandbox/slow?first_byte_ms=600")
        with Raw(self.daemon.socket) as one, Raw(self.daemon.socket) as two:
            one.say(
                slow + "\n" + line(model="sandbox/slow?first_byte_ms=300&tokens_per_s=10", stream=True) + "\n"
            )
            two.say(
                "".join(
                    line(model="sandbox/slow?first_byte_ms=400", promptd={"timeout": 20}) + "\n"
                    for _ in range(6)
                )
            )
            job = self.admin.call("job.submit", **json.loads(line(model="sandbox/slow?first_byte_ms=400")))
            wait_until(lambda: self.status()["queue"]["queued"] >= 2)
            self.clock.move(seconds)
            self.ask_at_once(name)
            self.look(name)
            for connection, count in ((one, 2), (two, 6)):
                connection.say_no_more()
                replies = [
                    each for each in connection.replies(15) if each.get("object") != "chat.completion.chunk"
                ]
                good = [each for each in replies if "choices" in each]
                if len(good) != count:
                    self.complain(name, f"{count} were under way, {len(good)} are answered", replies)
                self.check_times(name, good)
        state = self.admin.call("job.wait", job=job["result"]["job"])
        if state.get("result", {}).get("state") != "done":
            self.complain(name, "the job is not done", state)
        busy = processor_s(self.daemon.pid)
        time.sleep(0.5)
        busy = processor_s(self.daemon.pid) - busy
        if busy > 0.2:
            self.complain(name, "it is busy with nothing", f"{busy:.2f} s of 0.5 s")

    def ask_at_once(self, name: str) -> None:
        """All kinds of questions, none of which has to wait."""
        asks: dict[str, Callable[[], Any]] = {
            "ping": lambda: self.admin.call("ping")["result"],
            "what is known": lambda: self.admin.ask(self.known)["choices"],
            "what nobody asked": lambda: self.admin.ask(line(promptd={"priority": "urgent"}))["choices"],
            "the cache alone": lambda: self.admin.ask(line(promptd={"cache": "only"}))["error"],
            "what the cache would do": lambda: self.admin.call("cache.explain", **json.loads(self.known))[
                "result"
            ],
            "metrics": lambda: self.admin.call("metrics")["result"],
            "usage": lambda: self.admin.call("usage", by=["day"])["result"],
            "HTTP": self._ask_http,
        }
        for what, ask in asks.items():
            began = time.monotonic()
            try:
                ask()
            except (KeyError, OSError, EOFError, ValueError) as error:
                self.complain(name, f"{what} is not answered", repr(error))
            # What nobody asked may have to wait for one of four slots.
            limit = AT_ONCE_S + 1 if "nobody" in what or what == "HTTP" else AT_ONCE_S
            if (took := time.monotonic() - began) > limit:
                self.complain(name, f"{what} is not answered at once", f"{took:.1f} s")

    def _ask_http(self) -> None:
        with Raw(self.daemon.socket) as connection:
            connection.say(post(line(), "Connection: close"))
            (response,) = responses(connection.hear(10))
            response.json()["choices"]

    def status(self) -> dict[str, Any]:
        result: dict[str, Any] = self.admin.call("status")["result"]
        return result

    def look(self, name: str) -> None:
        """No figure below nothing, and no time of this promptd longer than it has lived."""
        status = self.status()
        rows = self.admin.call("queue.list")["result"]["rows"]
        if negative := _below_nothing(status) + _below_nothing(rows):
            self.complain(name, "figures are below nothing", negative)
        if status["uptime_s"] > 600:
            self.complain(name, "uptime_s follows the clock", status["uptime_s"])
        if any(row["waited_ms"] > 60_000 or row.get("eta_ms", 0) > 600_000 for row in rows):
            self.complain(name, "a wait follows the clock", rows)
        text = self.admin.call("metrics")["result"]["openmetrics"]
        if negative := re.findall(r"^[^#\n].* -[0-9.].*$", text, re.M):
            self.complain(name, "metrics are below nothing", negative)

    def check_times(self, name: str, replies: list[dict[str, Any]]) -> None:
        for told in (each["promptd"] for each in replies):
            times = [told[each] for each in ("queued_ms", "first_byte_ms", "upstream_ms") if each in told]
            if any(not 0 <= each <= 30_000 for each in times):
                self.complain(name, "times of a call follow the clock", told)

    # MARK: Budgets

    def spend(self) -> None:
        """Uses up a client's budget of today."""
        if not CAN_BE_OTHERS:
            return
        while "error" not in self._ask_spender():
            pass

    def _ask_spender(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def ask() -> None:
            connection = Connection(self.daemon.socket)
            found.append(connection.ask(line()))
            connection.close()

        as_user(SPENDER, ask)
        return found[0]

    def check_budget(self) -> None:
        """What was spent today is spent after a day forward and back; tomorrow has a budget of its own."""
        if not CAN_BE_OTHERS:
            return self.trial.tell("budgets of another user need root: not tried here")
        reply = self._ask_spender()
        error = reply.get("error", {})
        self.trial.check(
            error.get("type") == "budget_exceeded",
            "the budget of today is still used up after a day forward and back",
            str(reply)[:600],
        )
        if error:
            seconds = reply["promptd"]["retry_after"]
            self.trial.check(0 < seconds <= DAY_S, "and comes back with the next day", seconds)
        self.clock.move(DAY_S)
        reply = self._ask_spender()
        self.trial.check("choices" in reply, "tomorrow has a budget of its own", str(reply)[:600])
        while "choices" in reply:
            reply = self._ask_spender()
        seconds = reply["promptd"].get("retry_after", -1)
        self.trial.check(0 < seconds <= DAY_S, "which comes back with the day after", reply)
        self.clock.move(0)

    # MARK: Ages

    def check_ages(self) -> None:
        """Answers are as old as the clock says, never younger than now, and expire when it is time."""
        asked = line()
        self.admin.ask(asked)
        self.clock.move(6 * 3600)
        age = self.admin.ask(asked)["promptd"].get("age_s")
        self.trial.check(
            age in range(6 * 3600, 6 * 3600 + 60), "six hours later an answer is six hours old", age
        )
        self.clock.move(DAY_S)
        outcome = self.admin.ask(asked)["promptd"]["cache"]
        self.trial.check(
            outcome == "miss", "a day later one of a life of twelve hours is asked for again", outcome
        )
        self.clock.move(0)
        told = self.admin.ask(asked)["promptd"]
        self.trial.check(told.get("age_s", 0) >= 0, "one from the future is no younger than now", told)
        explained = self.admin.call("cache.explain", **json.loads(asked))["result"]
        self.trial.check(explained.get("age_s", 0) >= 0, "nor for cache.explain", explained)


def restart_in_the_past(trial: Trial, folder: Path, clock: MovableClock) -> None:
    """promptd starts with files that are a day ahead of its clock."""
    clock.move(-DAY_S)
    with running(trial.programs, folder, environment=clock.environment) as (daemon, _):
        connection = daemon.connect()
        told = connection.ask(line("known"))["promptd"]
        trial.check(
            told.get("age_s", 0) >= 0, "a start in the past serves what is from the future as new", told
        )
        job = connection.call("job.submit", **json.loads(line()))["result"]["job"]
        state = connection.call("job.wait", job=job).get("result", {}).get("state")
        trial.check(state == "done", "jobs are done", state)
        listed = connection.call("cache.list", older_than=0)
        trial.check("method" in listed or "result" in listed, "the cache can be listed", listed)
        trial.tell(f"memory {mib(daemon.memory())}")
        trial.check(daemon.end() == 0, "it ends well")


def _below_nothing(value: Any, path: str = "") -> list[str]:
    """Where in it there are numbers below 0."""
    if isinstance(value, dict):
        return [found for name, each in value.items() for found in _below_nothing(each, f"{path}.{name}")]
    if isinstance(value, list):
        return [
            found for number, each in enumerate(value) for found in _below_nothing(each, f"{path}[{number}]")
        ]
    is_below = isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0
    return [f"{path} = {value}"] if is_below else []


CASES = [clock_jumps]
