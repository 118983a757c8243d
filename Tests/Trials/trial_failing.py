"""The n-th write, sync, opening, read, mapping and taking of memory for SQLite fails, for each n there is.

A promptd with failing.c in it goes through one scene: over nothing, and over what a killed one left. Of each
kind the n-th fails once, or all from the n-th on. Then a promptd in which nothing fails looks after it.
"""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rig import Folder, Programs, Sandbox, Trial, stores
from rig.failing import KINDS, Control, Failure, build
from rig.visit import Visit, furnish

# Each round starts two promptds one after the other, and waits a good deal.
WORKERS = 4
# Threads take their turns as they come, so that not every run has the same number of each kind.
COUNTING_RUNS = 3
# So many of each kind are tried, however small the share.
LEAST = 5


@dataclass
class Scene:
    """What a promptd with failures finds."""

    name: str
    before: Visit | None

    def prepare(self, folder: Path) -> None:
        stores.remove(folder)
        (folder / "promptd.log").unlink(missing_ok=True)
        if self.before is not None:
            stores.copy(self.before.folder, folder)


# Each thing that went wrong, with the numbers that brought it about and what was seen.
Cases = dict[str, list[tuple[int, object]]]


class Findings:
    """What came of all rounds with one kind of failure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.rounds = 0
        self.failed = 0
        self.facts: Counter[str] = Counter()
        self.deaths: Cases = defaultdict(list)
        self.wrong: Cases = defaultdict(list)

    def take(self, failure: Failure | None, visit: Visit, failed: int) -> None:
        number = failure.number if failure else 0
        with self._lock:
            self.rounds += 1
            self.failed += failed > 0
            self.facts.update(set(visit.facts))
            if visit.death is not None:
                self.deaths[visit.death].append((number, ""))
            for what, seen in visit.wrong:
                self.wrong[what].append((number, seen))


def _text(found: Cases) -> str:
    parts = []
    for what, cases in found.items():
        numbers = sorted({number for number, _ in cases})
        seen = "\n    ".join(str(cases[0][1])[:1500].splitlines()[-6:])
        parts.append(f"{what}: {len(numbers)} times, as with {numbers[:12]}\n    {seen}".rstrip())
    return "\n".join(parts)


class Worker:
    """A folder in which one promptd lives at a time."""

    def __init__(self, programs: Programs, library: Path, sandbox: Path, stack: ExitStack) -> None:
        self.programs = programs
        self.folder = stack.enter_context(Folder())
        furnish(self.folder, sandbox)
        self.control = Control(library, self.folder / "failing")
        stack.callback(self.control.close)

    def run(self, scene: Scene, failure: Failure | None, findings: Findings) -> dict[str, int]:
        """One round; how many there were of each kind."""
        scene.prepare(self.folder)
        visit = Visit(self.programs, self.folder, scene.before)
        visit.serve(self.control, failure)
        visit.look_after()
        findings.take(failure, visit, self.control.failed)
        return self.control.counts


def run(trial: Trial) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(Folder())
        library = build(folder)
        stack.callback(Sandbox(trial.programs, folder).stop)
        workers = [Worker(trial.programs, library, folder, stack) for _ in range(WORKERS)]
        furnish(folder, folder)
        before = Visit(trial.programs, folder)
        before.prepare()
        trial.check(
            not before.wrong, "a promptd is killed that has answers on disk and jobs that wait", before.wrong)
        for scene in (Scene("over nothing", None), Scene("over a killed one's files", before)):
            _try(trial, scene, workers)


def _try(trial: Trial, scene: Scene, workers: list[Worker]) -> None:
    counts = _count(trial, scene, workers[0])
    for kind in KINDS:
        for lasts in (False, True):
            findings = Findings()
            numbers = list(_chosen(counts[kind], trial.share))
            _run_all(scene, [Failure(kind, number, lasts) for number in numbers], workers, findings)
            what = f"the n-th {kind} and all after it fail" if lasts else f"the n-th {kind} fails"
            what = f"{scene.name}: {what}"
            tried = f"{findings.rounds} of {counts[kind]} tried, {findings.failed} came to it"
            trial.check(not findings.wrong, f"{what}: nothing is lost; {tried}", _text(findings.wrong))
            trial.check(not findings.deaths, f"{what}: promptd lives", _text(findings.deaths))
            for fact, count in findings.facts.items():
                trial.tell(f"{fact}: {count} times")


def _count(trial: Trial, scene: Scene, worker: Worker) -> dict[str, int]:
    """How many there are of each kind, at the most."""
    findings = Findings()
    runs = [worker.run(scene, None, findings) for _ in range(COUNTING_RUNS)]
    trial.check(
        not findings.wrong and not findings.deaths, f"{scene.name}: all is well where nothing fails",
        _text(findings.wrong | findings.deaths))
    counts = {kind: max(each[kind] for each in runs) for kind in KINDS}
    trial.tell(", ".join(f"{kind}: {count}" for kind, count in counts.items()))
    return counts


def _chosen(count: int, share: float) -> Iterator[int]:
    """All numbers up to one, or every so many from one by chance on, some in any case."""
    step = max(1, min(round(1 / share), count // LEAST))
    yield from range(1 + random.randrange(step), count + 1, step)


def _run_all(scene: Scene, failures: list[Failure], workers: list[Worker], findings: Findings) -> None:
    queue = iter(failures)
    lock = threading.Lock()

    def work(worker: Worker) -> None:
        while True:
            with lock:
                failure = next(queue, None)
            if failure is None:
                return
            worker.run(scene, failure, findings)

    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(work, worker) for worker in workers]:
            done.result()
