"""Every fault of the sandbox at once for ten minutes: each request has one reply, nothing stays behind."""

import json
import random
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

from harness import Connection, wait_until
from rig import Daemon, Folder, Sandbox, Trial, configure
from rig.book import Book
from rig.descriptors import Descriptors, descriptors
from rig.faults import GOOD, Question
from rig.figures import MIB, mib
from rig.raw import Raw
from rig.running import running
from rig.scenes import SCENES, Stage
from rig.users import become, let_all_in

SECONDS = 600
WORKERS = 24
# Those of the clients' rules, and one without a rule.
USERS = [1, 2, 3, 4]
# Of four upstreams.
SLOTS = 4 * 8
TOKEN = "trial-token-0123456789abcdef"

# Policies as they are by default, but for the times.
POLICY = """
max_concurrent = 8
max_response = "8MiB"
[upstream.timeouts]
connect = "1s"
first_byte = "1s"
idle = "1s"
total = "5s"
[upstream.retry]
base = "20ms"
cap = "300ms"
[upstream.breaker]
probe_after = "200ms"
probe_cap = "2s"
"""

OTHERS = """
[[upstream]]
name = "faulty"
base_url = "unix:{folder}/sandbox.sock:/v1"
auth = "none"
models = ["sandbox/*"]
{policy}
[[upstream]]
name = "spare"
base_url = "unix:{folder}/spare/sandbox.sock:/v1"
auth = "none"
models = ["sandbox/*"]
{policy}
[[upstream]]
name = "gone"
base_url = "unix:{folder}/nobody.sock:/v1"
auth = "none"
models = ["gone/*"]
{policy}
[[client]]
name = "narrow"
user = "1"
max_in_flight = 3
max_queued = 12
[[client]]
name = "low"
user = "2"
priority = "low"
max_priority = "normal"
[[client]]
name = "heavy"
user = "3"
weight = 5
[[client]]
name = "http"
user = "5"
"""

# What all connections and calls of this trial may take, above what an idle promptd has: its cache of
# 64 MiB and a quarter more, answers of 16 MiB on their way, which 32 calls may have, and what malloc keeps.
MOST_MEMORY = 700 * MIB
# The cache, the requests that it knows, an idle promptd, and what of malloc's pages holds a little still.
REST_MEMORY = 160 * MIB


def run(trial: Trial) -> None:
    with Folder() as folder:
        port = prepare(folder)
        with running(trial.programs, folder, sandboxes=2) as (daemon, sandboxes):
            book = Book()
            watcher = Watcher(daemon, sandboxes)
            company = Company(daemon, port, book)
            rounds = max(1, round(SECONDS * trial.share / 20))
            for number in range(rounds):
                company.work(SECONDS * trial.share / rounds)
                watcher.look_at_rest(f"after round {number}")
                watcher.hold(12 + number % 5)
            watcher.stop()
            company.check(trial)
            watcher.check(trial)
            check_cache(trial, daemon, book)
            trial.check(daemon.is_alive() and daemon.end() == 0, "promptd lives to the end, and ends well")


def prepare(folder: Path) -> int:
    """Writes the configuration, and says at which port HTTP is."""
    let_all_in(folder)
    port = free_port()
    tokens = folder / "tokens"
    tokens.write_text(f"{TOKEN} http\n")
    tokens.chmod(0o600)
    configure(
        folder,
        listen=f'mode = "0666"\nhttp = "127.0.0.1:{port}"\nhttp_tokens_file = "{tokens}"',
        queue='max_queued = 200\nmax_wait = "4s"',
        upstream='models = ["sandbox/echo*", "sandbox/slow*", "sandbox/huge*", "sandbox/trickle*"]' + POLICY,
        others=OTHERS.format(folder=folder, policy=POLICY),
    )
    return port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Company:
    """The clients: threads that play one scene after the other, each as a user of its own."""

    def __init__(self, daemon: Daemon, port: int, book: Book) -> None:
        self.daemon = daemon
        self.port = port
        self.book = book
        self.scenes = 0
        self._seeds = [random.getrandbits(64) for _ in range(WORKERS)]
        self._chances = [random.Random(seed) for seed in self._seeds]

    def work(self, seconds: float) -> None:
        """All of them for so long; when it returns each has had the last of its replies, or has left."""
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._play, args=(number, end), daemon=True) for number in range(WORKERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _play(self, number: int, end: float) -> None:
        become(USERS[number % len(USERS)])
        chance = self._chances[number]
        stage = Stage(self.daemon.socket, ("127.0.0.1", self.port), TOKEN, self.book, chance)
        while time.monotonic() < end:
            stage.play(SCENES)
            self.scenes += 1

    def check(self, trial: Trial) -> None:
        ends = ", ".join(f"{count} {name}" for name, count in self.book.ends.most_common())
        trial.tell(f"{self.scenes} scenes; {ends}; {self.book.left} requests were left alone")
        wrong = self.book.wrong
        trial.check(
            not wrong,
            "each request has one reply, of a kind that is documented for it",
            f"{len(wrong)} have not\n" + "\n".join(wrong),
        )


class Watcher:
    """Looks at `status` all the time, and closely whenever nothing is to be under way."""

    def __init__(self, daemon: Daemon, sandboxes: list[Sandbox]) -> None:
        self.daemon = daemon
        self.sandboxes = sandboxes
        self.connection = daemon.connect()
        self.looks = 0
        self.wrong: list[str] = []
        self.most: dict[str, int] = {}
        self._own = sum(descriptors(sandbox.process.pid).sockets for sandbox in sandboxes)
        self._ask_first()
        self.first = descriptors(daemon.pid)
        self.at_rest: list[Descriptors] = []
        self.rest_memory: list[int] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        with Raw(self.daemon.socket) as connection:
            while not self._is_over.wait(0.1):
                try:
                    self._look(connection)
                except (OSError, EOFError, KeyError) as error:
                    return self.wrong.append(f"no look: {type(error).__name__}: {error}")

    def _look(self, connection: Raw) -> None:
        """One look: whether the snapshot agrees with itself and with what may be."""
        status = connection.call("status")["result"]
        rows = connection.call("queue.list")["result"]["rows"]
        descriptors, memory = self.daemon.descriptors(), self.daemon.memory()
        self.looks += 1
        facts = (
            agreement(status)
            | limits(status)
            | {
                "nobody waits for less than nothing": min((row["waited_ms"] for row in rows), default=0) >= 0,
                "places are counted from 1": all(row.get("position", 1) >= 1 for row in rows),
                "memory is bounded": memory <= MOST_MEMORY,
                # Files and threads, a connection of each client, a call in each slot, and as many kept open.
                "descriptors are bounded": descriptors
                <= self.first.count + status["connections"] + 2 * SLOTS + WORKERS + 8,
            }
        )
        for fact in (fact for fact, holds in facts.items() if not holds):
            self.wrong.append(
                f"not so: {fact}: {descriptors} descriptors, {mib(memory)}, {rows[:3]}, {status}"
            )
        queue = status["queue"]
        seen = {
            **{name: queue[name] for name in ("running", "queued", "retrying")},
            "connections": status["connections"],
            "bytes in buffers": status["buffers"]["bytes"],
            "descriptors": descriptors,
        }
        self.most = {name: max(self.most.get(name, 0), count) for name, count in seen.items()}

    def _ask_first(self) -> None:
        """Whatever is opened at the first use is there before anything is compared."""
        asked = {"model": "sandbox/echo", "messages": [{"role": "user", "content": "first"}]}
        job = self.connection.call("job.submit", **asked)["result"]["job"]
        self.connection.call("job.wait", job=job)

    def _calls_open(self) -> int:
        """Connections that sandboxes have."""
        sockets = [descriptors(sandbox.process.pid).sockets for sandbox in self.sandboxes]
        return sum(sockets) - self._own

    def look_at_rest(self, when: str) -> None:
        """All clients have had their replies, or have left: nothing of them is there any more."""
        status = self._wait_for_rest()
        queue = status["queue"]
        at_rest = [
            queue["running"],
            queue["queued"],
            queue["retrying"],
            *queue["by_class"].values(),
            status["buffers"]["bytes"],
        ]
        at_rest += [client[name] for client in status["clients"] for name in ("running", "queued")]
        # This one, and that of the thread that watches.
        if any(at_rest) or status["connections"] != 2:
            self.wrong.append(f"{when} something stays behind: {str(status)[:1500]}")
        self.at_rest.append(descriptors(self.daemon.pid))
        self.rest_memory.append(self.daemon.memory())
        text = self.connection.call("metrics")["result"]["openmetrics"]
        for name in ("promptd_upstream_running", "promptd_upstream_queued", "promptd_retrying"):
            counts = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M)
            if not counts or any(float(count) for count in counts):
                self.wrong.append(f"{when} metrics say {name} {counts}")

    def _wait_for_rest(self) -> dict[str, Any]:
        """Status once nobody is there; what is cancelled is gone within a moment."""
        status: dict[str, Any] = {}

        def is_at_rest() -> bool:
            nonlocal status
            status = self.connection.call("status")["result"]
            queue = status["queue"]
            busy = queue["running"] + queue["queued"] + queue["retrying"] + status["buffers"]["bytes"]
            return bool(busy == 0 and status["connections"] == 2)

        wait_until(is_at_rest, 15)
        return status

    def hold(self, count: int) -> None:
        """So many calls that never end: they hold so many slots, and as many connections to a sandbox."""
        with Raw(self.daemon.socket) as connection:
            # The probes of a failing upstream would take turns.
            self.connection.call("queue.resume")
            body = {"model": "sandbox/slow?first_byte_ms=900"}
            for number in range(count):
                text = f"held {time.monotonic()} {number}"
                asked = Question(GOOD[1], text, body | {"messages": [{"role": "user", "content": text}]})
                connection.say(asked.call(number) + "\n")
            # A call that has just begun has no connection yet.
            if not wait_until(lambda: self._slots_are_calls(min(count, 8)), 0.7):
                running = self._slots_in_use()
                if running > self._calls_open():
                    self.wrong.append(f"{running} slots in use, {self._calls_open()} calls at the sandboxes")
        status = self._wait_for_rest()
        if status["queue"]["running"] or status["queue"]["queued"]:
            self.wrong.append(f"calls that nobody waits for stay: {status['queue']}")

    def _slots_in_use(self) -> int:
        return int(self.connection.call("status")["result"]["queue"]["running"])

    def _slots_are_calls(self, least: int) -> bool:
        """Whether so many slots are in use, and each is a connection to a sandbox."""
        running = self._slots_in_use()
        return least <= running <= self._calls_open()

    def check(self, trial: Trial) -> None:
        most = ", ".join(f"{count} {name}" for name, count in self.most.items())
        trial.tell(f"{self.looks} looks; at most {most}, {mib(self.daemon.memory('VmHWM'))}")
        trial.check(
            not self.wrong,
            "at every look status agrees with itself, with the sandboxes and with the limits",
            f"{len(self.wrong)} times not\n" + "\n".join(text[:1500] for text in self.wrong),
        )
        others, sockets = ([each.others for each in self.at_rest], [each.sockets for each in self.at_rest])
        trial.check(
            set(others) == {self.first.others},
            f"at rest there are always {self.first.others} descriptors beside sockets", others)
        # A call's connection is kept for the next one, also where the sandbox has closed it since.
        trial.check(
            max(sockets) <= self.first.sockets + SLOTS,
            f"and {max(sockets)} sockets at most, {self.first.sockets} at the beginning", sockets)
        some = self.rest_memory[:: max(1, len(self.rest_memory) // 10)]
        trial.tell("memory at rest " + ", ".join(mib(count) for count in some))
        memory = self._memory_after_minute()
        trial.check(
            memory <= REST_MEMORY, f"a minute later {mib(memory)} are left, at most {mib(REST_MEMORY)}"
        )

    def _memory_after_minute(self) -> int:
        """What is left once what is free has been given back, as it is a minute after the last request."""
        wait_until(lambda: self.daemon.memory() <= REST_MEMORY, 75)
        return self.daemon.memory()


def agreement(status: dict[str, Any]) -> dict[str, bool]:
    """What is counted in several places of one snapshot is the same in all."""
    queue, lanes, clients = status["queue"], status["upstreams"], status["clients"]
    running = sum(lane["running"] for lane in lanes)
    queued = sum(lane["queued"] for lane in lanes)
    return {
        "slots in use are calls of clients": running == sum(client["running"] for client in clients),
        "running in all is running by upstream": running == queue["running"],
        "queued in all is queued by upstream": queued == queue["queued"],
        "queued in all is queued by class": queued == sum(queue["by_class"].values()),
        "whoever is queued is a client's": queued <= sum(client["queued"] for client in clients),
    }


def limits(status: dict[str, Any]) -> dict[str, bool]:
    """No more than may be."""
    queue, lanes, clients = status["queue"], status["upstreams"], status["clients"]
    waiting = sum(client["queued"] for client in clients)
    return {
        "no more wait than may": waiting <= queue["max_queued"],
        "no more slots than there are": all(lane["running"] <= lane["max_concurrent"] for lane in lanes),
        "no client has more slots than it may": all(
            client["running"] <= 3 for client in clients if client["name"] == "narrow"
        ),
        "buffers are within their limit": 0 <= status["buffers"]["bytes"] <= status["buffers"]["limit"],
    }


def check_cache(trial: Trial, daemon: Daemon, book: Book) -> None:
    """What failed is not in the cache, and what was answered well is, with the same text."""
    connection = daemon.connect()
    wrong = [text for asked in book.never.values() if (text := _found(connection, asked, None))]
    trial.check(
        not wrong, f"of {len(book.never)} questions that went wrong the cache has no answer", "\n".join(wrong)
    )
    wrong = [text for asked, said in book.kept.values() if (text := _found(connection, asked, said))]
    trial.check(not wrong, f"of {len(book.kept)} that were answered well it has the answer", "\n".join(wrong))
    connection.close()


def _found(connection: Connection, asked: Question, said: str | None) -> str | None:
    """What is wrong with what the cache says to a question; None for nothing."""
    body = {**asked.body, "promptd": {"cache": "only"}}
    body.pop("stream", None)
    reply = connection.ask(json.dumps(body))
    if said is None:
        error = reply.get("error", {}).get("type")
        expected = {"not_cached"} | (asked.fault.ends & {"invalid_params", "no_upstream"})
        return None if error in expected else f"{asked.line()}: {str(reply)[:300]}"
    content = reply["choices"][0]["message"]["content"] if "choices" in reply else None
    return None if content == said else f"{asked.line()}: {str(reply)[:300]}"
