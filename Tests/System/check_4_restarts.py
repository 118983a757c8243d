"""4. Restarts and kills under 50 clients: nobody refused, nothing lost, nothing answered twice."""

import json
import os
import signal
import threading
from collections import Counter

from harness import SOCKET, UNIT, Connection, Report, configure, line, property_of, restart, sandboxed, succeed, wait_until

CLIENTS = 50


class Load:
    """Clients that each ask one question after the other, and note how each ends."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.client) for _ in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def answered(self) -> int:
        with self.lock:
            return self.ends["answered"]

    def note(self, end: str) -> None:
        with self.lock:
            self.ends[end] += 1

    def client(self) -> None:
        connection: Connection | None = None
        question = None
        while not (self.is_over.is_set() and question is None):
            # What was not taken, or was refused, is asked again.
            question = question or line(model="sandbox/slow?first_byte_ms=20")
            if connection is None:
                try:
                    connection = Connection(SOCKET)
                except OSError as error:
                    self.note(f"not connected: {error}")
                    continue
            try:
                connection.send(question)
            except OSError:
                self.note("not taken, and the sender knows")
                connection = None
                continue
            end = self.end(connection, question)
            self.note(end)
            if end in ("answered", "told shutting_down"):
                if end == "answered":
                    question = None
                continue
            connection.close()
            connection = None
            if end != "told shutting_down":
                question = None
        if connection is not None:
            self.finish(connection)

    def end(self, connection: Connection, question: str) -> str:
        try:
            reply = connection.reply()
        except ConnectionError:
            reply = None
        except ValueError:
            return "a line that is no JSON"
        if reply is None:
            return "ended in a part of a line" if connection.rest else "ended without a reply"
        if "choices" in reply:
            text = json.loads(question)["messages"][0]["content"]
            right = reply["choices"][0]["message"]["content"] == text
            return "answered" if right else "another's answer"
        return f"told {reply['error']['type']}"

    def finish(self, connection: Connection) -> None:
        """Nothing more may come: everything had its one answer."""
        connection.socket.shutdown(1)
        try:
            if connection.reply() is not None or connection.rest:
                self.note("answered twice")
        except ConnectionError:
            pass
        connection.close()


def check(report: Report) -> None:
    configure(sandboxed(upstream="max_concurrent = 32"))
    restart()
    with Load() as load:
        for _ in range(3):
            enough = load.answered() + 500
            wait_until(lambda: load.answered() > enough)
            succeed("systemctl", "restart", UNIT)
        enough = load.answered() + 500
        wait_until(lambda: load.answered() > enough)
    expect(report, "three restarts", load.ends,
           {"answered", "told shutting_down", "not taken, and the sender knows"})

    with Load() as load:
        for _ in range(5):
            enough = load.answered() + 300
            wait_until(lambda: load.answered() > enough)
            before = property_of("MainPID")
            os.kill(int(before), signal.SIGKILL)
            wait_until(lambda: property_of("MainPID") not in ("0", before))
        enough = load.answered() + 300
        wait_until(lambda: load.answered() > enough)
    most = 5 * CLIENTS
    report.check(load.ends["ended without a reply"] <= most,
                 f"at a kill only what was under way ends, without a reply (at most {most})", load.ends)
    expect(report, "five kills", load.ends,
           {"answered", "ended without a reply", "not taken, and the sender knows"})


def expect(report: Report, what: str, ends: Counter[str], allowed: set[str]) -> None:
    told = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    report.check(ends["answered"] > 0 and set(ends) <= allowed,
                 f"{what} under {CLIENTS} clients: {told}", told)
