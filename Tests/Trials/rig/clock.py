"""A clock for promptd that can be moved, without touching the machine's."""

import mmap
import os
import shutil
import struct
import subprocess
from pathlib import Path

DAY_S = 86_400


class MovableClock:
    """A library to preload, and by how much it moves the time of day."""

    def __init__(self, folder: Path) -> None:
        """Compiles it; raises FileNotFoundError where there is no compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise FileNotFoundError("there is no C compiler")
        library = folder / "clock.so"
        subprocess.run(
            [
                compiler,
                "-shared",
                "-fPIC",
                "-O1",
                "-o",
                str(library),
                str(Path(__file__).with_name("clock.c")),
            ],
            check=True,
        )
        path = folder / "clock-offset"
        path.write_bytes(struct.pack("q", 0))
        with open(path, "r+b") as file:
            self._page = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(path)}
        # Days and zones are those of a place without summer time.
        self.environment["TZ"] = "UTC"

    def move(self, seconds: int) -> None:
        """The time of day is the machine's and so much from now on."""
        self._page[:] = struct.pack("q", seconds)


def processor_s(pid: int) -> float:
    """The processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
