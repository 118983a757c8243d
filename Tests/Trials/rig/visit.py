"""One life of a promptd whose files fail, and of the one after it: what was said must hold."""

import itertools
import json
import re
import select
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import Connection, wait_until

from . import stores
from .asker import MARK, Asker
from .documents import error_of
from .failing import Control, Failure
from .programs import Daemon, Programs, configure

# What promptd authenticates itself with at one of its upstreams.
KEY = "sk-0000-never-told"
RECOVERY_S = 20
PROD_S = 0.25
LIMIT_S = 30

SECOND_UPSTREAM = """
[[upstream]]
name = "keyed"
base_url = "unix:{folder}/sandbox.sock:/v1"
api_key_file = "{folder}/key"
models = ["keyed/*"]
"""


def furnish(folder: Path, sandbox: Path) -> None:
    """Writes what promptd reads in a folder. The sandbox is in another, which all folders share: an answer
    belongs to where it came from."""
    key = folder / "key"
    key.touch(0o600)
    key.write_text(KEY + "\n")
    configure(folder, upstream='models = ["sandbox/*"]', others=SECOND_UPSTREAM.format(folder=folder))
    file = folder / "promptd.toml"
    file.write_text(file.read_text().replace(f"unix:{folder}/", f"unix:{sandbox}/"))


class Visit(Asker):
    """Asks all kinds of things of a promptd that fails, and then looks after what it has left."""

    def __init__(self, programs: Programs, folder: Path, before: "Visit | None" = None) -> None:
        """`before` has left what is there."""
        super().__init__(folder, before)
        self.programs = programs
        self.has_before = before is not None
        self.facts: list[str] = []
        # How it died, if it did.
        self.death: str | None = None
        # To SQLite, a block that cannot be read is a damaged file (vdbe.c, SQLITE_IOERR_CORRUPTFS).
        self.may_look_damaged = False
        # Calls that the usage ledger had at first.
        self.calls: int = before.calls if before else 0
        self._next_prod = 0.0
        self._numbers = itertools.count(1)

    # MARK: The promptd that fails

    def prepare(self) -> None:
        """Leaves behind, of a killed promptd, answers on disk and jobs that wait."""
        daemon = Daemon(self.programs, self.folder)
        try:
            connection = daemon.connect(LIMIT_S)
            for number in range(3):
                self.chat(connection, f"kept {number}")
            self.list_all(connection)
            connection.call("queue.pause")
            for number in range(2):
                self.submit(connection, f"waiting {number}")
        finally:
            daemon.kill()
        connection.close()
        with stores.copied(self.folder) as copy:
            self.calls = self._calls_written(copy)

    def serve(self, control: Control, failure: Failure | None) -> None:
        """Starts promptd with a failure ahead, asks, and stops it."""
        control.arm(failure)
        self.may_look_damaged = failure is not None and failure.kind == "read"
        daemon = Daemon(self.programs, self.folder, control.environment, wait=False)
        if not daemon.await_ready(LIMIT_S):
            return self._did_not_start(daemon)
        try:
            self._ask_everything(daemon)
            self._let_recover(daemon, control, failure)
            failed: Exception | None = None
        except Exception as error:
            failed = error
        if failure is None and self.has_before and self.hits == 0:
            self.complain("what is on disk is not found")
        self._stop(daemon)
        # Where it died, that has been said.
        if failed is not None and self.death is None:
            self.complain(f"asking ended in {type(failed).__name__}", failed)

    def _did_not_start(self, daemon: Daemon) -> None:
        if daemon.is_alive():
            self.complain("it was not ready in time", self._log_end())
            return self._stop(daemon)
        code = daemon.end()
        said = [each for each in daemon.log().splitlines() if each.startswith("promptd: ")]
        if 64 <= code <= 78 and said:
            self.facts.append(f"a start that ended with {code}: {said[-1]}")
        else:
            self._died(code)

    def _stop(self, daemon: Daemon) -> None:
        try:
            code = daemon.end()
        except AssertionError as error:
            return self.complain("it did not stop", error)
        if code != 0:
            self._died(code)

    def _died(self, code: int) -> None:
        """It trapped, or ended with a code that is none of sysexits(3)."""
        log = (self.folder / "promptd.log").read_text(errors="replace")
        words = re.findall(r"\S+: Fatal error: .*", log) or log.splitlines()[-1:]
        self.death = f"it ended with {code}: {'; '.join(words)[:300]}"

    def _ask_everything(self, daemon: Daemon) -> None:
        connection = daemon.connect(LIMIT_S)
        self.chat(connection, "whole")
        self.chat(connection, "streamed", stream=True)
        self.chat(connection, "kept 1")
        self.chat(connection, "keyed", model="keyed/echo")
        self.list_all(connection)
        for text in ("first", "second"):
            self.submit(connection, text)
        self._await_jobs(daemon, connection)
        self.submit(connection, "first")
        for text in ("whole", *(["kept 0"] if "kept 0" in self.kept else [])):
            self.purge(connection, text)
        self.ask(connection, "usage")
        self.must(connection, "reload")
        self.chat(connection, "late", stream=True)
        self.chat(connection, "kept 2")
        self.purge_all(connection)
        self.chat(connection, "last")
        self.list_all(connection)
        self.ask(connection, "job.list")
        self.ask(connection, "cache.verify")
        connection.close()

    def _await_jobs(self, daemon: Daemon, connection: Connection) -> None:
        """Until the acknowledged ones are done, or promptd says that it cannot write that."""
        waiting = daemon.connect(LIMIT_S)
        for number, name in enumerate(self.ids.values()):
            waiting.send(json.dumps(
                {"jsonrpc": "2.0", "id": number, "method": "job.wait", "params": {"job": name}}))
        left = len(self.ids)
        end = time.monotonic() + LIMIT_S
        while left and time.monotonic() < end:
            if select.select([waiting.socket], [], [], 0.01)[0]:
                for reply in self._lines(waiting):
                    left -= 1
                    self._judge_waiting(reply)
            elif connection.call("status")["result"]["store"]["jobs"] != "serving":
                break
        else:
            if left:
                self.complain("jobs do not end, and nothing is said of it")
        waiting.close()

    def _judge_waiting(self, reply: dict[str, Any]) -> None:
        if (name := error_of(reply)) is None:
            key = next(key for key, name in self.ids.items() if name == reply["result"]["job"])
            self.look_at_job(key, reply["result"])
        elif name != "store_unavailable":
            self.complain(f"job.wait was answered with {name}", reply)

    @staticmethod
    def _lines(connection: Connection) -> Iterator[dict[str, Any]]:
        """What has come, at least one of them."""
        while True:
            reply = connection.reply()
            if reply is None:
                raise EOFError("the connection ended without a reply")
            yield reply
            if b"\n" not in connection.rest:
                return

    def _let_recover(self, daemon: Daemon, control: Control, failure: Failure | None) -> None:
        """Now and then failing goes on to the end; else it ends before, and now and then it is waited
        until promptd has seen that."""
        turn = failure.number % 8 if failure else 1
        if failure is not None and (control.failed == 0 or (failure.lasts and turn in (2, 5))):
            return
        control.heal()
        if turn == 0:
            connection = daemon.connect(LIMIT_S)
            if not wait_until(lambda: self._is_well(connection), RECOVERY_S):
                self.complain("it does not recover", connection.call("status")["result"]["store"])
            connection.close()

    def _is_well(self, connection: Connection) -> bool:
        """What comes may find the disk well again: promptd is not bound to look by itself."""
        if time.monotonic() < self._next_prod:
            return False
        self._next_prod = time.monotonic() + PROD_S
        number = next(self._numbers)
        self.chat(connection, f"well {number}")
        self.ask(connection, "usage")
        self.submit(connection, f"well {number}")
        store = connection.call("status")["result"]["store"]
        return set(store.values()) == {"serving"}

    # MARK: The one after it

    def look_after(self) -> None:
        """Starts promptd over what is left, where nothing fails; and looks into the files at last."""
        daemon = Daemon(self.programs, self.folder, wait=False)
        if not daemon.await_ready(LIMIT_S):
            self.complain("it does not start again", self._log_end())
            return self._stop(daemon)
        try:
            self._look_again(daemon)
        except Exception as error:
            self.complain(f"after the restart asking ended in {type(error).__name__}", error)
        self._stop(daemon)
        self._look_at_files()
        self._look_at_jobs()
        self._look_at_log(daemon.log())

    def _look_again(self, daemon: Daemon) -> None:
        connection = daemon.connect(LIMIT_S)

        def is_serving() -> bool:
            return set(connection.call("status")["result"]["store"].values()) == {"serving"}

        if not wait_until(is_serving, 10):
            self.complain("after the restart it is degraded", connection.call("status")["result"]["store"])
        for key, name in self.ids.items():
            self.look_at_job(key, self.must(connection, "job.wait", job=name))
        for text in sorted(self.purged):
            reply = self.call_chat(connection, text, {"promptd": {"cache": "only"}})
            if error_of(reply) != "not_cached":
                self.complain("what was purged is back", reply)
        for text in sorted({*self.kept, *self.purged}):
            self.chat(connection, text)
        for text in list(self.jobs.values()):
            self.submit(connection, text, must=True)
        for name in self.ids.values():
            self.must(connection, "job.wait", job=name)
        self.must(connection, "usage")
        connection.close()

    def _look_at_files(self) -> None:
        for trouble in stores.troubles(self.folder):
            self.complain("a store is damaged", trouble)
        aside = stores.moved_aside(self.folder)
        if aside and self.may_look_damaged:
            self.facts.append("answers that were moved aside")
        elif aside:
            self.complain("a store was taken for damaged", aside)

    def _look_at_jobs(self) -> None:
        """Each key has one job, which has its own answer."""
        found: dict[str, str] = {}
        for name, key, state, reply in stores.rows(
            self.folder / stores.STATE, "SELECT id, idempotency_key, state, reply FROM job"
        ):
            if key in found or key not in self.jobs:
                self.complain("a job that nobody submitted, or one twice", key)
            found[key] = name
            said = json.loads(reply)["choices"][0]["message"]["content"] if state == "done" else state
            if said != self.prompt(self.jobs[key]):
                self.complain("a job on disk has no right end", f"{key}: {said}")
        if found != self.ids:
            self.complain("jobs on disk are not those that were acknowledged", f"{found}, not {self.ids}")

    def _look_at_log(self, log: str) -> None:
        if MARK in log or KEY in log:
            self.complain("the log has a prompt, or the key", re.findall(f".*(?:{MARK}|{KEY}).*", log)[:1])
        if self.death is not None:
            return
        if self.is_missing and not re.search("cache (disk degraded|file damaged)", log):
            self.complain("an answer did not get to the disk, and nothing was said of it")
        made = len(re.findall(r" call (?:ended|failed|given up)", log))
        written = self._calls_written(self.folder) - self.calls
        if written > made:
            self.complain("usage has calls twice", f"{written} of {made}")
        elif written < made:
            self.facts.append("usage that a stop could not write")
            if not re.search(r"usage not written(?!.*usage written)", log, re.S):
                self.complain("usage of calls is gone, and nothing was said of it", f"{written} of {made}")

    @staticmethod
    def _calls_written(folder: Path) -> int:
        (calls,), = stores.rows(folder / stores.STATE, "SELECT coalesce(sum(calls), 0) FROM usage")
        return int(calls)

    def _log_end(self) -> str:
        log = self.folder / "promptd.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-6:])
