"""A well-behaved client: asks all the time, in a process of its own, and notes how long it waits."""

import multiprocessing
import time
from multiprocessing.connection import Connection as Pipe

from harness import Connection, line

from .documents import error_of
from .users import become

PAUSE_S = 0.02


class SteadyClient:
    """Asks what is cached and what is not by turns, over one connection, until it is stopped."""

    def __init__(self, socket: str, user: int = 0) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_ask_on, args=(socket, user, other), daemon=True)
        self._process.start()
        other.close()
        self._pipe.recv()  # it has been served once

    def stop(self) -> tuple[list[tuple[float, float, bool]], list[str]]:
        """When each question was asked, how long the answer took and whether it was a hit; and what
        went wrong."""
        self._pipe.send(None)
        result: tuple[list[tuple[float, float, bool]], list[str]] = self._pipe.recv()
        self._process.join()
        self._pipe.close()
        return result


def _ask_on(socket: str, user: int, pipe: Pipe) -> None:
    become(user)
    asked: list[tuple[float, float, bool]] = []
    wrong: list[str] = []
    known = line("the same each time")
    connection = Connection(socket)
    connection.ask(known)
    pipe.send(None)
    while not pipe.poll(PAUSE_S):
        for is_hit in (True, False):
            began = time.monotonic()
            try:
                reply = connection.ask(known if is_hit else line(f"steady {began}"))
                if error_of(reply) is not None or (reply["promptd"]["cache"] == "hit") != is_hit:
                    wrong.append(str(reply)[:300])
            except (OSError, EOFError, ValueError) as error:
                wrong.append(f"{type(error).__name__}: {error}")
                if len(wrong) > 20:
                    break
                connection = Connection(socket)
            asked.append((began, time.monotonic() - began, is_hit))
    pipe.recv()
    pipe.send((asked, wrong))
