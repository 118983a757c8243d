"""A library that makes what SQLite asks for fail, and what tells it."""

import errno
import mmap
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "failing.c"

# In the order of failing.c.
KINDS = ["write", "sync", "open", "memory", "read", "map"]


@dataclass(frozen=True)
class Failure:
    """What fails: the one of its kind with this number, from 1, or all from there on."""

    kind: str
    number: int
    lasts: bool

    @property
    def error(self) -> int:
        """What the failing call says. A disk that stays full, or one bad block."""
        if self.kind == "write":
            return errno.ENOSPC if self.lasts else errno.EIO
        return {"open": errno.EMFILE, "map": errno.ENOMEM, "memory": errno.ENOMEM}.get(self.kind, errno.EIO)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}{' and all after it' if self.lasts else ''}"


def build(folder: Path) -> Path:
    """Compiles the library into a folder."""
    library = folder / "failing.so"
    subprocess.run(
        ["cc", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE)],
        check=True)
    return library


class Control:
    """What a promptd with the library in it is told, and how it counts. Lives in a file that both map."""

    # armed, lasts, at, error, failed, counts; as failing.c has it.
    _LAYOUT = struct.Struct(f"=iiqi4xq{len(KINDS)}q")
    _ARMED = struct.Struct("=i")

    def __init__(self, library: Path, path: Path) -> None:
        path.write_bytes(bytes(self._LAYOUT.size))
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), self._LAYOUT.size)
        # A trace of each trap would take most of the time.
        self.environment = {
            "LD_PRELOAD": str(library), "PROMPTD_FAILING": str(path), "SWIFT_BACKTRACE": "enable=no"}

    def arm(self, failure: Failure | None) -> None:
        """Before a start: counts from 0, and has this fail."""
        self._memory[:] = bytes(self._LAYOUT.size)
        if failure is not None:
            self._LAYOUT.pack_into(
                self._memory, 0, KINDS.index(failure.kind) + 1, failure.lasts, failure.number, failure.error,
                0, *[0] * len(KINDS))

    def heal(self) -> None:
        """Nothing fails from now on."""
        self._ARMED.pack_into(self._memory, 0, 0)

    @property
    def failed(self) -> int:
        """How many have failed."""
        return int(self._LAYOUT.unpack_from(self._memory)[4])

    @property
    def counts(self) -> dict[str, int]:
        return dict(zip(KINDS, self._LAYOUT.unpack_from(self._memory)[5:]))

    def close(self) -> None:
        self._memory.close()
