"""promptd in little memory."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import line, wait_until

from .figures import MIB, mib
from .programs import Daemon, Folder, configure
from .raw import Raw
from .running import running
from .trial import Trial

# Less than a quarter of the machine's usual least, and five times what may wait for clients.
MEMORY = 320 * MIB
BUFFERED = 64 * MIB

V1 = Path("/sys/fs/cgroup/memory")
V2 = Path("/sys/fs/cgroup")


@contextmanager
def memory_group(limit: int) -> Iterator[Path | None]:
    """A control group with so much memory, gone at the end; None where none can be made."""
    root, name = (
        (V1, "memory.limit_in_bytes") if (V1 / "memory.limit_in_bytes").exists() else (V2, "memory.max")
    )
    group = root / f"promptd-trial-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        yield None
        return
    try:
        try:
            (group / name).write_text(str(limit))
        except OSError:
            yield None
            return
        yield group
    finally:
        # The last process may still be on its way out.
        wait_until(lambda: not (group / "cgroup.procs").read_text().strip(), 10)
        group.rmdir()


def little_memory(trial: Trial) -> None:
    """All that clients may make wait, in a group of 320 MiB of which they may have 64."""
    with memory_group(MEMORY) as group, Folder() as folder:
        if group is None:
            trial.tell("no group with a memory limit can be made here: max_buffered alone is looked at")
        configure(
            folder,
            listen=f'max_buffered = "{BUFFERED // MIB}MiB"\nmax_line_bytes = "8MiB"\nwrite_timeout = "2s"',
            cache='memory = "16MiB"',
        )
        with running(trial.programs, folder) as (daemon, _):
            if group is not None:
                (group / "cgroup.procs").write_text(str(daemon.pid))
            for press in (half_lines, unread_replies, one_answer_for_many):
                if not lives(trial, daemon, press):
                    return
            trial.check(
                daemon.end() == 0, f"promptd lives in {mib(MEMORY)}, whatever is asked of it, and ends well"
            )


def lives(trial: Trial, daemon: Daemon, press: Callable[[Trial, Daemon], None]) -> bool:
    """Whether promptd survives this."""
    try:
        press(trial, daemon)
    except (OSError, EOFError) as error:
        # Whoever is killed closes its connections before it is gone.
        wait_until(lambda: not daemon.is_alive(), 10)
        trial.check(False, f"{press.__name__} came to its end", f"{type(error).__name__}: {error}")
    if not daemon.is_alive():
        trial.check(
            False,
            f"promptd lives in {mib(MEMORY)}, whatever is asked of it",
            f"signal or code {daemon.process.wait()} in {press.__name__}: {press.__doc__}",
        )
        return False
    trial.tell(f"{press.__name__}: {mib(daemon.memory('VmHWM'))} at most so far")
    return True


def half_lines(trial: Trial, daemon: Daemon) -> None:
    """Lines of almost 8 MiB that do not end."""
    half = line("x" * (7 * MIB))[:-10].encode()
    connections = [Raw(daemon.socket) for _ in range(20)]
    for connection in connections:
        connection.say(half)
    watch(trial, daemon)
    _close(connections)


def unread_replies(trial: Trial, daemon: Daemon) -> None:
    """Answers of 4 MiB and streams of them that nobody reads."""
    connections = [Raw(daemon.socket) for _ in range(40)]
    for number, connection in enumerate(connections):
        connection.say(line(model=f"sandbox/huge?bytes={4 * MIB}", stream=number % 2 == 0) + "\n")
    watch(trial, daemon)
    _close(connections)


def one_answer_for_many(trial: Trial, daemon: Daemon) -> None:
    """One answer of 8 MiB that 60 connections wait for."""
    body = line(model=f"sandbox/huge?bytes={8 * MIB}")
    connections = [Raw(daemon.socket) for _ in range(60)]
    for connection in connections:
        connection.say(body + "\n")
    watch(trial, daemon)
    _close(connections)


def watch(trial: Trial, daemon: Daemon) -> None:
    """Waits until something waits for clients, and then until nothing is under way; how much it was."""
    connection = daemon.connect()
    most = 0
    begun = False

    def is_over() -> bool:
        nonlocal most, begun
        status = connection.call("status")["result"]
        waiting = status["buffers"]["bytes"]
        most = max(most, waiting)
        begun = begun or waiting > 0
        return bool(begun and status["queue"]["running"] + status["queue"]["queued"] == 0)

    wait_until(is_over, 30)
    reply = connection.ask(line("known"))
    trial.check("choices" in reply or most >= BUFFERED // 4, "others are served meanwhile", str(reply)[:300])
    trial.check(most <= BUFFERED // 4 + 16 * MIB, f"about a quarter of {mib(BUFFERED)} waits", mib(most))
    connection.close()


def _close(connections: list[Raw]) -> None:
    for connection in connections:
        connection.socket.close()


CASES = [little_memory]
