"""Programs that end with the trial, whatever becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .programs import Daemon, Programs, Sandbox


@contextmanager
def running(
    programs: Programs, folder: Path, sandboxes: int = 1, **more: Any
) -> Iterator[tuple[Daemon, list[Sandbox]]]:
    """promptd in a folder, and sandboxes: the first one there, the next in `spare` below it, and so on."""
    started: list[Any] = []
    try:
        place = folder
        for _ in range(sandboxes):
            place.mkdir(exist_ok=True)
            started.append(Sandbox(programs, place))
            place = place / "spare"
        found = list(started)
        daemon = Daemon(programs, folder, **more)
        started.append(daemon)
        yield daemon, found
    finally:
        for program in started:
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()
