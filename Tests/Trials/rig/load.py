"""Clients of all kinds that ask one promptd until it is gone."""

import http.client
import itertools
import json
import random
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from harness import Connection

from .documents import error_of
from .jobbook import JobBook
from .questions import KNOWN, Question, fresh, judge, judge_chunks, known, say_more

# Requests that a client has under way at a time.
WINDOW = 6
# What ends a client: promptd was killed.
GONE = (OSError, EOFError, http.client.HTTPException)


class AnswerBook:
    """Compares answers with what was asked. Any thread may write into it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.compared: Counter[str] = Counter()
        self.wrong: list[str] = []
        # Errors that are no fault.
        self.excused = {"not_cached"}
        # Texts whose answers were purged, and that must not be found any more.
        self.purged: list[Question] = []
        self.purges = 0

    def complain(self, text: str) -> None:
        with self._lock:
            self.wrong.append(text)

    def take(self, question: Question, reply: dict[str, Any], said: dict[int, str] | None) -> None:
        """The one reply to a question; `said` is what its chunks said, where it came in chunks."""
        if (name := error_of(reply)) is not None:
            if name not in self.excused:
                self.complain(f"{question.text[:60]!r} ended as {str(reply)[:300]}")
            return
        answer = reply.get("result", reply)
        fault = judge(question, answer)
        if fault is None and said is not None:
            fault = judge_chunks(question, said, is_whole=True)
        if fault:
            self.complain(fault)
        with self._lock:
            self.compared[answer["promptd"]["cache"] if "promptd" in answer else "http"] += 1

    def broke_off(self, question: Question, said: dict[int, str]) -> None:
        """Some chunks came, and the end did not."""
        if said and (fault := judge_chunks(question, said, is_whole=False)):
            self.complain(fault)

    def was_purged(self, question: Question) -> None:
        with self._lock:
            self.purged.append(question)
            self.purges += 1


class Load:
    """Six clients, each in a thread of its own. They end when promptd does."""

    def __init__(self, path: str, name: str, answers: AnswerBook, jobs: JobBook) -> None:
        self.path = path
        self.name = name
        self.answers = answers
        self.jobs = jobs
        self.purging = threading.Event()
        self.is_over = False
        self._under_way: dict[int, int] = {}
        self._numbers = itertools.count()
        clients: list[Callable[[random.Random], None]] = [
            self._ask_lines, self._ask_lines, self._call, self._call, self._ask_http, self._administer]
        self._threads = [
            threading.Thread(target=self._run, args=(client, chance), daemon=True)
            for client in clients for chance in [random.Random(random.getrandbits(64))]]
        for thread in self._threads:
            thread.start()

    @property
    def under_way(self) -> int:
        """Requests without an answer, at about this moment."""
        return sum(self._under_way.copy().values())

    def excuse(self, name: str) -> None:
        """This error is no fault from now on, and neither is the end of a connection."""
        self.answers.excused.add(name)
        self.jobs.excused.add(name)
        self.is_over = True

    def join(self) -> None:
        """Comes back when all clients have seen the end."""
        for thread in self._threads:
            thread.join(60)
            if thread.is_alive():
                self.answers.complain("a client still waits after the kill")
        self.answers.excused.discard("shutting_down")
        self.jobs.excused.discard("shutting_down")

    def _run(self, client: Callable[[random.Random], None], chance: random.Random) -> None:
        try:
            client(chance)
        except GONE:
            pass
        except Exception as error:
            self.answers.complain(f"{client.__name__}: {type(error).__name__}: {error}")
        if not self.is_over:
            self.answers.complain(f"{client.__name__} ended before the kill")

    def _has(self, count: int) -> None:
        self._under_way[threading.get_ident()] = count

    def _question(self, chance: random.Random) -> Question:
        if chance.random() < 0.6:
            return known(min(int(chance.expovariate(0.02)), KNOWN - 1))
        return fresh(chance, f"{self.name} {next(self._numbers)}")

    @staticmethod
    def _options(chance: random.Random) -> dict[str, Any]:
        """Mostly none."""
        draw = chance.random()
        if draw < 0.1:
            return {"promptd": {"cache": chance.choice(["refresh", "bypass", "only"])}}
        if draw < 0.2:
            return {"promptd": {"priority": chance.choice(["high", "low", "idle"])}}
        if draw < 0.25:
            return {"promptd": {"ttl": 1}}
        return {}

    # MARK: Lines

    def _ask_lines(self, chance: random.Random) -> None:
        """Bare lines, whose replies keep their order."""
        connection = Connection(self.path)
        waiting: deque[tuple[Question, dict[int, str] | None]] = deque()
        try:
            while True:
                while len(waiting) < WINDOW:
                    question, stream = self._question(chance), chance.random() < 0.5
                    waiting.append((question, {} if stream else None))
                    connection.send(question.line(stream=stream, **self._options(chance)))
                self._has(len(waiting))
                reply = connection.reply()
                if reply is None:
                    return
                question, said = waiting[0]
                if said is not None and reply.get("object") == "chat.completion.chunk":
                    say_more(said, reply)
                else:
                    waiting.popleft()
                    self.answers.take(question, reply, said if error_of(reply) is None else None)
        finally:
            if waiting and waiting[0][1]:
                self.answers.broke_off(waiting[0][0], waiting[0][1])
            connection.close()

    # MARK: Calls

    def _call(self, chance: random.Random) -> None:
        """JSON-RPC, chats and jobs, whose replies come as they are ready."""
        connection = Connection(self.path)
        waiting: dict[int, Callable[[dict[str, Any]], None]] = {}
        chunks: dict[int, dict[int, str]] = {}
        try:
            for number in itertools.count():
                waiting[number] = self._send(connection, number, chance, chunks)
                while len(waiting) >= WINDOW:
                    self._has(len(waiting))
                    reply = connection.reply()
                    if reply is None:
                        return
                    if reply.get("method") == "chat.chunk":
                        # Those of a job that is waited for have no entry: its result is looked at.
                        if (said := chunks.get(reply["params"]["id"])) is not None:
                            say_more(said, reply["params"]["chunk"])
                    else:
                        waiting.pop(reply["id"])(reply)
        finally:
            connection.close()

    def _send(
        self, connection: Connection, number: int, chance: random.Random, chunks: dict[int, dict[int, str]]
    ) -> Callable[[dict[str, Any]], None]:
        """Sends a call; gives what takes the reply."""
        draw = chance.random()
        some = self.jobs.some(60)
        if draw < 0.4 or not some:
            return self._send_job(connection, number, chance)
        if draw < 0.6:
            name = chance.choice(some)
            take = self.jobs.ask(name)
            self._send_call(connection, number, chance.choice(["job.get", "job.wait"]), {"job": name})
            return take
        question, stream = self._question(chance), chance.random() < 0.5
        said: dict[int, str] | None = chunks.setdefault(number, {}) if stream else None
        self._send_call(connection, number, "chat", question.body(stream=stream, **self._options(chance)))
        return lambda reply: self.answers.take(question, reply, said if error_of(reply) is None else None)

    def _send_job(
        self, connection: Connection, number: int, chance: random.Random
    ) -> Callable[[dict[str, Any]], None]:
        """A new one, or one of before under its key again."""
        keys = list(self.jobs.asked)
        if keys and chance.random() < 0.3:
            key = keys[-1 - min(int(chance.expovariate(0.1)), len(keys) - 1)]
        else:
            key = self.jobs.begin(self._question(chance))
        body = self.jobs.asked[key].body(promptd={"idempotency_key": key})
        self._send_call(connection, number, "job.submit", body)

        def take(reply: dict[str, Any]) -> None:
            self.jobs.acknowledged(key, reply)

        return take

    @staticmethod
    def _send_call(connection: Connection, number: int, method: str, params: dict[str, Any]) -> None:
        connection.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))

    # MARK: HTTP

    def _ask_http(self, chance: random.Random) -> None:
        """One request at a time, whole or as server-sent events."""
        connection = _UnixHTTP(self.path)
        try:
            while True:
                question, stream = self._question(chance), chance.random() < 0.5
                self._has(1)
                connection.request(
                    "POST", "/v1/chat/completions", question.line(stream=stream),
                    {"Content-Type": "application/json"})
                response = connection.getresponse()
                if response.status != 200:
                    self.answers.take(question, json.loads(response.read()), None)
                elif stream:
                    self._hear_events(question, response)
                else:
                    self.answers.take(question, json.loads(response.read()), None)
        finally:
            connection.close()

    def _hear_events(self, question: Question, response: http.client.HTTPResponse) -> None:
        said: dict[int, str] = {}
        is_done = False
        try:
            for line in response:
                data = line.removeprefix(b"data: ").strip()
                if data == b"[DONE]":
                    is_done = True
                elif line.startswith(b"data: "):
                    say_more(said, json.loads(data))
        finally:
            # An answer that broke off must not look finished.
            if fault := judge_chunks(question, said, is_whole=is_done):
                self.answers.complain(fault)

    # MARK: Administration

    def _administer(self, chance: random.Random) -> None:
        """Purges what it has just asked for, and now and then much more; looks around."""
        connection = Connection(self.path)
        try:
            while True:
                self._has(1)
                question = Question(f"{self.name} purged {next(self._numbers)}")
                reply = connection.ask(question.line())
                self.answers.take(question, reply, None)
                if error_of(reply) is not None:
                    return
                self.purging.set()
                if self._must(connection, "cache.purge", **self._purge_of(reply["promptd"]["key"], chance)):
                    self.answers.was_purged(question)
                for _ in range(chance.randrange(8)):
                    self._must(connection, chance.choice(_LOOKS))
        finally:
            connection.close()

    @staticmethod
    def _purge_of(key: str, chance: random.Random) -> dict[str, Any]:
        draw = chance.random()
        if draw < 0.01:
            return {"all": True}
        return {"model": "sandbox/echo"} if draw < 0.04 else {"key": key}

    def _must(self, connection: Connection, method: str, **params: Any) -> bool:
        """Whether it has a result, as it must unless promptd stops."""
        reply = connection.call(method, **params)
        while reply.get("method") == "cache.entry":
            following = connection.reply()
            if following is None:
                raise EOFError(method)
            reply = following
        if (name := error_of(reply)) is None:
            return True
        if name not in self.answers.excused:
            self.answers.complain(f"{method} was answered with {str(reply)[:300]}")
        return False


_LOOKS = ["usage", "status", "cache.stats", "cache.verify", "cache.list", "job.list", "reload"]


class _UnixHTTP(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("promptd", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self._path)
