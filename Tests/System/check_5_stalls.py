"""5. A journal that stalls costs no request anything; a loop that is stuck costs the process."""

import contextlib
import ctypes
import os
import signal
import threading
import time
from pathlib import Path
from typing import Callable, Iterator

from harness import (
    SOCKET, UNIT, Connection, Report, ask, configure, drop_in, json_journal, line, property_of, restart,
    sandboxed, wait_until)

WATCHDOG_S = 2
STALL_S = 10
SLOWEST_MS = 50


class Pace:
    """A few clients that ask one question after the other for some time: how long each took."""

    def __init__(self, clients: int) -> None:
        self.times: list[float] = []
        self.clients = clients

    def run(self, seconds: float) -> "Pace":
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.client, args=(end,)) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.times.sort()
        return self

    def client(self, end: float) -> None:
        connection = Connection(SOCKET)
        known = line()
        connection.ask(known)
        while time.monotonic() < end:
            # Twice as many calls, each of which has an entry, as answers from the cache.
            for question in (line(), known, line()):
                began = time.monotonic()
                connection.ask(question)
                self.times.append(time.monotonic() - began)
        connection.close()

    @property
    def slowest_ms(self) -> float:
        return self.times[-1] * 1000

    def __str__(self) -> str:
        middle = self.times[len(self.times) // 2] * 1000
        return f"{len(self.times)} requests, half within {middle:.2f} ms, the slowest {self.slowest_ms:.1f} ms"


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stops a process, all of it."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def stuck(thread: int) -> Iterator[Callable[[], bool]]:
    """Stops one thread of another process, as a debugger does (ptrace(2)).

    Lends what tells whether it is gone: a thread that ends stays until its debugger has looked.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    seize, interrupt, detach = 0x4206, 0x4207, 17
    for request in (seize, interrupt):
        if libc.ptrace(request, thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
    wait_for_threads = 0x40000000  # __WALL
    os.waitpid(thread, wait_for_threads)
    is_gone = False

    def gone() -> bool:
        nonlocal is_gone
        if not is_gone:
            found, status = os.waitpid(thread, wait_for_threads | os.WNOHANG)
            is_gone = found == thread and (os.WIFSIGNALED(status) or os.WIFEXITED(status))
        return is_gone

    try:
        yield gone
    finally:
        if not gone():
            libc.ptrace(detach, thread, None, None)


def thread_named(beginning: str) -> int:
    """A thread of promptd, by the beginning of its name."""
    tasks = Path(f"/proc/{property_of('MainPID')}/task")
    for task in sorted(tasks.iterdir(), key=lambda path: int(path.name)):
        if (task / "comm").read_text().startswith(beginning):
            return int(task.name)
    names = [(task / "comm").read_text().strip() for task in tasks.iterdir()]
    raise LookupError(f"no thread {beginning} among {names}")


def check(report: Report) -> None:
    drop_in("watchdog", f"[Service]\nWatchdogSec={WATCHDOG_S}s\n")
    configure(sandboxed())
    restart()
    check_journal(report)
    for name, what in (("NIO-ELT", "an event loop"), ("promptd-curl", "the curl thread")):
        check_stuck(report, name, what)
    drop_in("watchdog", None)


def check_journal(report: Report) -> None:
    before = property_of("MainPID"), property_of("NRestarts")
    quiet = Pace(4).run(4)
    report.tell(f"the journal as usual: {quiet}")
    for _ in range(3):
        # Whatever else the machine does may hold a request up once; the journal would do it each time.
        stalled = with_stalled_journal(report)
        if stalled.slowest_ms < max(SLOWEST_MS, 2 * quiet.slowest_ms):
            break
    report.check(stalled.slowest_ms < max(SLOWEST_MS, 2 * quiet.slowest_ms),
                 f"no request is slower than {SLOWEST_MS} ms because of it", stalled)
    told = lambda: sum(int(entry["PROMPTD_DROPPED"]) for entry in json_journal()
                       if "PROMPTD_DROPPED" in entry)
    report.check(wait_until(lambda: told() == dropped() > 0),
                 f"the journal has the count of what was dropped: {told()}, as status says ({dropped()})")
    report.check((property_of("MainPID"), property_of("NRestarts")) == before,
                 f"the watchdog ({WATCHDOG_S} s) let it live")


def with_stalled_journal(report: Report) -> Pace:
    began = time.monotonic()
    with stopped(int(property_of("MainPID", "systemd-journald.service"))):
        stalled = Pace(4).run(STALL_S)
        # On a slow machine it takes longer until the journal and the ring are full.
        wait_until(lambda: dropped() or not Pace(4).run(1), 60)
    report.tell(f"the journal stopped for {time.monotonic() - began:.0f} s: {stalled}")
    return stalled


def dropped() -> int:
    """Entries that found no room, as status says."""
    connection = Connection()
    try:
        count: int = connection.call("status")["result"]["log"]["dropped"]
        return count
    finally:
        connection.close()


def check_stuck(report: Report, name: str, what: str) -> None:
    pid, restarts = property_of("MainPID"), int(property_of("NRestarts"))
    with stuck(thread_named(name)) as is_gone:
        began = time.monotonic()
        gone = wait_until(lambda: is_gone() and property_of("MainPID") != pid, 4 * WATCHDOG_S)
        took = time.monotonic() - began
    report.check(gone, f"stuck, {what} has it killed after {took:.1f} s (WatchdogSec={WATCHDOG_S}s)")
    wait_until(lambda: property_of("SubState") == "running" and property_of("MainPID") not in ("0", pid))
    told = [entry for entry in json_journal("--lines=50") if "Watchdog timeout" in entry.get("MESSAGE", "")]
    report.check(told and int(property_of("NRestarts")) == restarts + 1,
                 "systemd says why, and starts it again", [entry["MESSAGE"] for entry in told])
    report.check("choices" in ask(line()), "it answers again")
