"""kill -9 at any moment of a mixed load, again and again over the same files: nothing acknowledged is lost.

Also in the middle of a start, of a first start, of a stop and of a purge. The upstream lives on beside it.
"""

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from harness import Connection
from rig import Daemon, Folder, Sandbox, Trial, configure, stores
from rig.documents import error_of
from rig.figures import mib
from rig.jobbook import JobBook
from rig.load import AnswerBook, Load
from rig.questions import Question, judge

ROUNDS = 1000
# How long a load lives at the most, and now and then.
LOAD_S = 0.15
LONG_LOAD_S = 0.6
# How long a start lasts at the most before it is killed.
START_S = 0.12
# How often a start is killed that finds nothing.
BEGINNING = 20
# How long a stop lasts at the most before it is killed.
STOP_S = 0.06
# How often files are looked into that nobody has open.
LOOKING = 25

# Calls that are under way on a connection that looks around.
AT_A_TIME = 32

# How often an answer is purged before the load, which leaves a purge little time.
PURGING = 3

# So little that answers make room for each other all the time, in memory and on disk.
CACHE = """
memory = "1MiB"
disk = "1MiB"
"""

# A second upstream, and slots enough that calls are under way when the kill comes.
UPSTREAM = """
models = ["sandbox/*"]
max_concurrent = 8
"""

OTHERS = """
[[upstream]]
name = "other"
base_url = "unix:{folder}/sandbox.sock:/other/v1"
auth = "none"
models = ["other/*"]
"""


class Killing:
    """Starts promptd and kills it, round after round, and keeps book."""

    def __init__(self, trial: Trial, folder: Path) -> None:
        self.trial = trial
        self.folder = folder
        self.answers = AnswerBook()
        self.jobs = JobBook()
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self.longest_start_s = 0.0
        self.calls = 0
        self.daemon: Daemon | None = None

    def stop(self) -> None:
        """Leaves none behind, however it went."""
        if self.daemon is not None and self.daemon.is_alive():
            self.daemon.kill()

    def run(self, rounds: int) -> None:
        for number in range(rounds):
            if random.random() < 0.1:
                self._kill_a_start()
            if number % BEGINNING == 0:
                self._kill_a_beginning()
            daemon = self._start()
            self._look_around(daemon)
            if number % PURGING == 0:
                self._purge(daemon, f"round {number} purged at rest")
            self._kill_under_load(daemon, number)
            if number % LOOKING == LOOKING - 1:
                self._look_into_files()

    def _start(self) -> Daemon:
        began = time.monotonic()
        self.daemon = daemon = Daemon(self.trial.programs, self.folder)
        self.longest_start_s = max(self.longest_start_s, time.monotonic() - began)
        return daemon

    def _kill_a_start(self) -> None:
        self._start_and_kill(self.folder)
        self.counts["kills of a start"] += 1

    def _start_and_kill(self, folder: Path) -> None:
        daemon = Daemon(self.trial.programs, folder, wait=False)
        # The moment is what is tried: nothing is waited for.
        time.sleep(random.uniform(0, START_S))
        daemon.kill()

    def _kill_a_beginning(self) -> None:
        """Kills a first start, which makes the files; the second one must be as good."""
        with Folder() as folder:
            configure(folder)
            self._start_and_kill(folder)
            daemon = Daemon(self.trial.programs, folder)
            store = daemon.status()["store"]
            if daemon.end() != 0 or set(store.values()) != {"serving"}:
                self.wrong.append(f"after a beginning that was killed: {store}")
            self.wrong += stores.troubles(folder) + stores.moved_aside(folder)
        self.counts["kills of a first start"] += 1

    def _purge(self, daemon: Daemon, text: str) -> None:
        question = Question(text)
        connection = daemon.connect()
        reply = connection.ask(question.line())
        self.answers.take(question, reply, None)
        if error_of(connection.call("cache.purge", key=reply["promptd"]["key"])) is None:
            self.answers.was_purged(question)
        else:
            self.wrong.append(f"{text}: it was not")
        connection.close()

    def _kill_under_load(self, daemon: Daemon, number: int) -> None:
        load = Load(daemon.socket, f"round {number}", self.answers, self.jobs)
        if is_purge := random.random() < 0.2:
            load.purging.wait(5)
        limit_s = 0.01 if is_purge else LONG_LOAD_S if random.random() < 0.1 else LOAD_S
        time.sleep(random.uniform(0, limit_s))
        under_way = load.under_way
        if is_stop := random.random() < 0.1:
            load.excuse("shutting_down")
            daemon.process.terminate()
            time.sleep(random.uniform(0, STOP_S))
        elif not daemon.is_alive():
            self.wrong.append(f"round {number}: promptd ended by itself with {daemon.process.wait()}")
        load.is_over = True
        daemon.kill()
        load.join()
        self.counts["kills under load"] += 1
        self.counts["of which while requests were under way"] += under_way > 0
        self.counts["of which at a purge"] += is_purge
        self.counts["of which at a stop"] += is_stop
        self.counts["requests under way at a kill"] += under_way

    # MARK: After a kill

    def _look_around(self, daemon: Daemon) -> None:
        """What was acknowledged before the kill is there after it."""
        connection = daemon.connect()
        names = self.jobs.unfinished() + random.sample(self.jobs.some(300), min(10, len(self.jobs.keys)))
        self._look_at_jobs("job.get", names, connection)
        self.counts["looks at jobs after a kill"] += len(names)
        self._look_for_purged(connection)
        self._look_at_usage(connection)
        store = connection.call("status")["result"]["store"]
        if set(store.values()) != {"serving"}:
            self.wrong.append(f"after a start: {store}")
        if aside := stores.moved_aside(self.folder):
            self.wrong.append(f"taken for damaged: {aside}")
        connection.close()

    def _look_at_jobs(self, method: str, names: list[str], connection: Connection) -> None:
        takers = [self.jobs.ask(name) for name in names]
        for take, reply in zip(takers, _replies(connection, method, [{"job": name} for name in names])):
            take(reply)

    def _look_for_purged(self, connection: Connection) -> None:
        """An answer whose purge was acknowledged does not come back."""
        purged, self.answers.purged = self.answers.purged, []
        for question in purged:
            reply = connection.ask(question.line(promptd={"cache": "only"}))
            if error_of(reply) != "not_cached":
                self.wrong.append(f"what was purged is back: {str(reply)[:300]}")

    def _look_at_usage(self, connection: Connection) -> None:
        """What was written once does not get less."""
        rows = connection.call("usage", by=["model"])["result"]["rows"]
        calls = sum(row["calls"] for row in rows)
        if calls < self.calls:
            self.wrong.append(f"usage had {self.calls} calls, and has {calls}")
        self.calls = calls

    def _look_into_files(self) -> None:
        with stores.copied(self.folder) as copy:
            self.wrong += stores.troubles(copy)
        self.counts["looks into the files"] += 1

    # MARK: At last

    def finish(self) -> None:
        """All jobs end, and the files say the same as promptd."""
        daemon = self._start()
        self._look_around(daemon)
        connection = daemon.connect()
        self._look_at_jobs("job.wait", self.jobs.unfinished(), connection)
        self._look_at_jobs("job.get", list(self.jobs.keys), connection)
        self._await_others(connection)
        connection.close()
        code = daemon.end()
        if code != 0:
            self.wrong.append(f"it ended with {code}")
        self.wrong += stores.troubles(self.folder)
        self._compare_jobs()

    def _await_others(self, connection: Connection) -> None:
        """A job may be on disk though its acknowledgement was lost: it ends too."""
        path = self.folder / stores.STATE
        names = [name for name, in stores.rows(path, "SELECT id FROM job WHERE state = 'queued'")]
        for name, reply in zip(names, _replies(connection, "job.wait", [{"job": name} for name in names])):
            if error_of(reply) is not None:
                self.wrong.append(f"{name} is on disk, and {str(reply)[:300]}")

    def _compare_jobs(self) -> None:
        path = self.folder / stores.STATE
        rows = stores.rows(path, "SELECT id, idempotency_key, state, reply, finished FROM job")
        twice = [key for key, count in Counter(key for _, key, *_ in rows).items() if count > 1]
        if twice:
            self.wrong.append(f"keys with more than one job: {twice[:5]}")
        for name, key, state, reply, finished in rows:
            fault = f"ended as {state}" if state != "done" else judge(self.jobs.asked[key], json.loads(reply))
            if fault:
                self.wrong.append(f"{name} of {key}: {fault}")
            if name in self.jobs.ended and self.jobs.ended[name][0] != finished:
                self.wrong.append(f"{name} ended a second time")
        lost = set(self.jobs.keys) - {name for name, *_ in rows}
        if lost:
            self.wrong.append(f"{len(lost)} acknowledged jobs are not on disk: {sorted(lost)[:5]}")
        self.counts["jobs on disk that nobody was told of"] = len(rows) - len(self.jobs.keys)
        answers = self.folder / stores.ANSWERS
        (there, most), = stores.rows(answers, "SELECT count(*), max(id) FROM answer")
        self.counts["answers on disk at last"] = there
        self.counts["answers that were written, at least"] = most or 0
        usage = stores.rows(
            path, "SELECT count(*) FROM usage GROUP BY day, client, model, upstream, label HAVING count(*) > 1")
        if usage:
            self.wrong.append(f"rows of usage are there twice: {usage}")


def _replies(
    connection: Connection, method: str, params: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The replies to so many calls, in the order of the calls."""
    found: dict[int, dict[str, Any]] = {}
    # So few at a time that all can be sent before one is read: where replies lie unread promptd reads no more,
    # and the kernel takes no more than some 70 requests.
    for first in range(0, len(params), AT_A_TIME):
        part = range(first, min(first + AT_A_TIME, len(params)))
        for number in part:
            call = {"jsonrpc": "2.0", "id": number, "method": method, "params": params[number]}
            connection.send(json.dumps(call))
        while any(number not in found for number in part):
            reply = connection.reply()
            if reply is None:
                raise EOFError(method)
            if "id" in reply:
                found[reply["id"]] = reply
    return [found[number] for number in range(len(params))]


def run(trial: Trial) -> None:
    rounds = trial.scaled(ROUNDS, least=5)
    with Folder() as folder:
        configure(folder, cache=CACHE, upstream=UPSTREAM, others=OTHERS.format(folder=folder))
        sandbox = Sandbox(trial.programs, folder)
        killing = Killing(trial, folder)
        try:
            killing.run(rounds)
            killing.finish()
            sizes = {name: mib((folder / name).stat().st_size) for name in (stores.ANSWERS, stores.STATE)}
        finally:
            killing.stop()
            code = sandbox.stop()
        trial.check(code == 0, "the upstream lived through it", code)
    _report(trial, killing, rounds, sizes)


def _report(trial: Trial, killing: Killing, rounds: int, sizes: dict[str, str]) -> None:
    jobs, answers = killing.jobs, killing.answers
    trial.check(
        not jobs.wrong,
        f"{len(jobs.keys)} jobs were acknowledged, and each is there and ended once, with its own answer",
        "\n".join(jobs.wrong))
    trial.check(
        not answers.wrong, f"{answers.compared.total()} answers say what they were asked to",
        "\n".join(answers.wrong))
    trial.check(
        not killing.wrong, f"after each of {rounds} kills promptd serves, and the files are whole",
        "\n".join(killing.wrong))
    for what, count in killing.counts.items():
        trial.tell(f"{what}: {count}")
    trial.tell(f"answers: {dict(answers.compared)}; purges acknowledged: {answers.purges}")
    trial.tell(f"jobs submitted: {len(jobs.asked)}; once more, and acknowledged as the same: {jobs.again}")
    trial.tell(f"the longest start took {killing.longest_start_s:.2f} s; the files at last: {sizes}")
