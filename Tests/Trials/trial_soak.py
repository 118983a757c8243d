"""An hour of moderate load of every kind: memory, descriptors and latency stay what they were."""

import os
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness import line
from rig import Daemon, Folder, Trial, configure
from rig.book import Book
from rig.descriptors import Descriptors, descriptors
from rig.clock import processor_s
from rig.faults import FLAWED, GOOD, PASSING
from rig.figures import mib, percentile
from rig.raw import Raw, post
from rig.running import running
from rig.scenes import Stage, bare, calls, cancelled_by_request, http, job, leaves
from rig.target import Target

SECONDS = 3600
LOOK_S = 10.0
# Of hits, whose latency is looked at, and of all else.
HITS_PER_S = 20
OTHERS_PER_S = 12
# Each of those asks two or three questions.
SCENES = [(bare, 30), (calls, 30), (http, 25), (leaves, 5), (cancelled_by_request, 5), (job, 5)]
KINDS = [(GOOD[:4], 80), (GOOD[4:5], 5), (FLAWED, 5), (PASSING[:3], 10)]
WORKERS = 3
# At a time.
CALLS = 8

# Memory is full in the first quarter of a whole run; what is freed stays with the process for a minute.
CACHE = 'memory = "16MiB"\ndisk = "32MiB"'
MOST_GROWTH = 1.10
MOST_SLOWER = 2.0
# In less time memory has not come to rest.
LEAST_JUDGED_S = 600


@dataclass
class Look:
    """What was seen in ten seconds."""

    at_s: float
    memory: int
    descriptors: int
    hits: list[float] = field(default_factory=list)


Told = Callable[[list[Look]], None]


def run(trial: Trial) -> None:
    seconds = max(40.0, SECONDS * trial.share)
    with Folder() as folder:
        write_configuration(folder, 0)
        with running(trial.programs, folder) as (daemon, _):
            load = Load(daemon, folder)
            # Whatever is made at the first use is there before anything is compared.
            load.work(5)
            first = at_rest(trial, daemon)
            began, processor = time.monotonic(), processor_s(os.getpid())
            looks = load.work(seconds, lambda looks: tell_minute(trial, looks))
            took = time.monotonic() - began
            last = at_rest(trial, daemon)
            check(trial, load, looks, first, last, took)
            own = processor_s(os.getpid()) - processor
            trial.tell(
                f"{load.hits + load.scenes} rounds in {took:.0f} s; this program used {own / took:.0%}, "
                f"promptd {processor_s(daemon.pid) / took:.0%} of a core"
            )
            trial.check(daemon.is_alive() and daemon.end() == 0, "promptd lives to the end, and ends well")


def write_configuration(folder: Path, number: int) -> None:
    """Each one differs from the last."""
    configure(
        folder, cache=CACHE, queue=f'max_wait = "{60 + number % 7}s"', upstream=f"max_concurrent = {CALLS}")


class Load:
    """Clients of every kind at a steady rate."""

    def __init__(self, daemon: Daemon, folder: Path) -> None:
        self.daemon = daemon
        self.folder = folder
        self.book = Book()
        self.hits = 0
        self.scenes = 0
        self.reloads = 0
        self._latencies: list[float] = []
        self._lock = threading.Lock()

    def work(self, seconds: float, told: Told | None = None) -> list[Look]:
        """All of them for so long; a look each ten seconds, of which `told` is told each minute."""
        end = time.monotonic() + seconds
        actors = [threading.Thread(target=self._ask_hits, args=(end,), daemon=True)]
        actors += [
            threading.Thread(target=self._play, args=(end, random.getrandbits(64)), daemon=True)
            for _ in range(WORKERS)
        ]
        for actor in actors:
            actor.start()
        looks = self._look(end, told)
        for actor in actors:
            actor.join()
        return looks

    def _look(self, end: float, told: Told | None) -> list[Look]:
        looks: list[Look] = []
        began = time.monotonic()
        minutes = 0
        while (now := time.monotonic()) < end:
            time.sleep(min(LOOK_S, end - now))
            with self._lock:
                hits, self._latencies = self._latencies, []
            looks.append(
                Look(time.monotonic() - began, self.daemon.memory(), self.daemon.descriptors(), hits)
            )
            if looks[-1].at_s >= 60 * (minutes + 1):
                minutes += 1
                self._administer()
                if told is not None:
                    told(looks[-6:])
        return looks

    def _administer(self) -> None:
        """Another configuration, and some of the cache purged."""
        self.reloads += 1
        write_configuration(self.folder, self.reloads)
        with Raw(self.daemon.socket) as connection:
            changed = connection.call("reload").get("result", {}).get("changed")
            if changed != ["queue.max_wait"]:
                self.book.complain(f"reload changed {changed}")
            entries = {"model": "sandbox/trickle"} if self.reloads % 5 else {"older_than": 600}
            if "result" not in connection.call("cache.purge", **entries):
                self.book.complain("cache.purge failed")

    def _ask_hits(self, end: float) -> None:
        known = [line(f"known {number} {'x' * 200}") for number in range(10)]
        with Raw(self.daemon.socket) as lines, Raw(self.daemon.socket) as web:
            due = time.monotonic()
            while due < end:
                time.sleep(max(0.0, due - time.monotonic()))
                due = max(due + 1 / HITS_PER_S, time.monotonic() - 1)
                self.hits += 1
                body = known[self.hits % len(known)]
                is_http = self.hits % 4 == 0
                connection = web if is_http else lines
                connection.read.clear()
                began = time.monotonic()
                connection.say(post(body) if is_http else body + "\n")
                answer = connection.hear(30, b'"total_tokens"')
                with self._lock:
                    self._latencies.append(time.monotonic() - began)
                if b'"chat.completion"' not in answer:
                    self.book.complain(f"a hit was answered with {answer[:300]!r}")
                if not is_http:
                    connection.hear(30, b"\n")

    def _play(self, end: float, seed: int) -> None:
        chance = random.Random(seed)
        stage = Stage(self.daemon.socket, ("127.0.0.1", 0), "", self.book, chance, KINDS)
        due = time.monotonic() + chance.random()
        while due < end:
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due + WORKERS / OTHERS_PER_S, time.monotonic() - 1)
            stage.play(SCENES)
            self.scenes += 1


def tell_minute(trial: Trial, looks: list[Look]) -> None:
    """One line of the last minute."""
    hits = [each for look in looks for each in look.hits]
    trial.tell(
        f"{looks[-1].at_s / 60:3.0f} min: {mib(looks[-1].memory)}, {looks[-1].descriptors} descriptors, hits "
        f"p50 {1000 * percentile(hits, 0.5):.2f} ms, p99 {1000 * percentile(hits, 0.99):.1f} ms"
    )


def at_rest(trial: Trial, daemon: Daemon) -> Descriptors:
    """Descriptors once nobody is there."""
    target = Target(trial, daemon, ("", 0), "", daemon.connect(), own_connections=1)
    target.check_rest()
    target.admin.close()
    return descriptors(daemon.pid)


def check(
    trial: Trial, load: Load, looks: list[Look], first: Descriptors, last: Descriptors, took: float
) -> None:
    """Holds the end against the beginning."""
    wrong = load.book.wrong
    trial.check(
        not wrong,
        f"{sum(load.book.ends.values()) + load.hits} questions have their one reply",
        f"{len(wrong)} have not\n" + "\n".join(wrong),
    )
    quarter = max(1, len(looks) // 4)
    second, end = looks[quarter : 2 * quarter] or looks, looks[-quarter:]
    grown = statistics.median(each.memory for each in end) / statistics.median(each.memory for each in second)
    slower = _p50(end) / _p50(looks[:quarter])
    text = f"memory of the last quarter is {grown:.2f} of the second's"
    if took < LEAST_JUDGED_S:
        trial.tell(f"{text}; judged from {LEAST_JUDGED_S} s on")
    else:
        trial.check(
            grown <= MOST_GROWTH, f"{text}, at most {MOST_GROWTH}", [mib(each.memory) for each in looks]
        )
    trial.check(
        slower <= MOST_SLOWER,
        f"hits of the last quarter take {slower:.2f} of the first's, at most {MOST_SLOWER}",
        f"{1000 * _p50(looks[:quarter]):.2f} ms, {1000 * _p50(end):.2f} ms",
    )
    trial.check(
        last.others == first.others, f"at rest there are {last.others} descriptors beside sockets, as before",
        first.others)
    # A call's connection is kept for the next one, also where the sandbox has closed it since.
    trial.check(
        last.sockets <= first.sockets + CALLS,
        f"and {last.sockets} sockets, {first.sockets} at the beginning")
    trial.tell(
        f"{mib(looks[0].memory)} after {LOOK_S:.0f} s, {mib(looks[-1].memory)} at the end, "
        f"{mib(max(each.memory for each in looks))} at most; {load.reloads} reloads"
    )


def _p50(looks: list[Look]) -> float:
    return percentile([each for look in looks for each in look.hits], 0.5)
