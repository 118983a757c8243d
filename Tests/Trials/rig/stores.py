"""The files of the stores, looked at from outside while no promptd has them open."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ANSWERS = "cache.sqlite"
STATE = "state.sqlite"
_PARTS = ("", "-wal", "-shm")
# What `PRAGMA auto_vacuum` says of a file that gives room back when it is told to.
_INCREMENTAL = 2


def copy(source: Path, target: Path, names: tuple[str, ...] = (ANSWERS, STATE)) -> None:
    """Copies stores into another folder, with what SQLite keeps beside them."""
    for name in names:
        for part in _PARTS:
            if (source / (name + part)).exists():
                shutil.copy(source / (name + part), target / (name + part))


def remove(folder: Path) -> None:
    """Removes the stores, and whatever stands beside them under their names."""
    for name in (ANSWERS, STATE):
        for path in folder.glob(f"{name}*"):
            path.unlink()


def rows(path: Path, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """What a question gives."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql, arguments).fetchall()


def troubles(folder: Path) -> list[str]:
    """What is wrong with the stores in a folder."""
    return [
        f"{name}: {text}" for name in (ANSWERS, STATE) if (folder / name).exists()
        for text in _troubles(folder / name)]


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of them for a while: looking at one itself would empty the log that a killed promptd left."""
    with tempfile.TemporaryDirectory(prefix="promptd-trial-") as other:
        copy(folder, Path(other))
        yield Path(other)


def moved_aside(folder: Path) -> list[str]:
    """Files that promptd took for damaged."""
    return [path.name for path in folder.glob("*.corrupt-*")]


def holds(path: Path, text: str) -> bool:
    """Whether a text stands anywhere in a store, or in what SQLite keeps beside it."""
    parts = [path.with_name(path.name + part) for part in _PARTS]
    return any(text.encode() in part.read_bytes() for part in parts if part.exists())


def _troubles(path: Path) -> list[str]:
    try:
        found = [str(text) for text, in rows(path, "PRAGMA integrity_check") if text != "ok"]
        if path.stat().st_mode & 0o077:
            found.append("others may look into it")
        if path.name == ANSWERS and rows(path, "PRAGMA auto_vacuum") != [(_INCREMENTAL,)]:
            found.append("it cannot get smaller")
        tables = {name for name, in rows(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if "tally" in tables:
            (told,), = rows(path, "SELECT entries FROM tally")
            (there,), = rows(path, "SELECT count(*) FROM answer")
            if told != there:
                found.append(f"the tally says {told}, there are {there}")
        return found
    except sqlite3.Error as error:
        return [f"{type(error).__name__}: {error}"]
