"""Asks a promptd whose files may fail, and knows what must hold then."""

import json
from pathlib import Path
from typing import Any

from harness import Connection

from . import stores
from .documents import error_of

# Stands in every prompt, and nowhere in the log.
MARK = "tell-nobody"


class Asker:
    """Asks one promptd after the other in a folder, and writes down what is wrong."""

    def __init__(self, folder: Path, before: "Asker | None" = None) -> None:
        """`before` has asked those that left what is there."""
        self.folder = folder
        self.wrong: list[tuple[str, object]] = []
        # By idempotency key, what the job asks and the id that it was acknowledged under, if it was.
        self.jobs: dict[str, str] = dict(before.jobs) if before else {}
        self.ids: dict[str, str] = dict(before.ids) if before else {}
        # Texts that the cache may have, with their keys, and such as it must not have.
        self.kept: dict[str, str] = dict(before.kept) if before else {}
        self.purged: set[str] = set()
        self.hits = 0
        # An answer was not on disk when it should have been.
        self.is_missing = False

    def complain(self, what: str, seen: object = "") -> None:
        self.wrong.append((what, seen))

    @staticmethod
    def prompt(text: str) -> str:
        """What is asked, and answered."""
        return f"{MARK} {text}"

    def _body(self, text: str, model: str = "sandbox/echo", **members: Any) -> dict[str, Any]:
        return {"model": model, "messages": [{"role": "user", "content": self.prompt(text)}], **members}

    def call_chat(
        self, connection: Connection, text: str, members: dict[str, Any], model: str = "sandbox/echo"
    ) -> dict[str, Any]:
        """The last line of what a bare line is answered with."""
        connection.send(json.dumps(self._body(text, model, **members)))
        while True:
            reply = connection.reply()
            if reply is None:
                raise EOFError("the connection ended without a reply")
            if reply.get("object") != "chat.completion.chunk":
                return reply

    def chat(
        self, connection: Connection, text: str, stream: bool = False, model: str = "sandbox/echo"
    ) -> None:
        """No failure of a store is one of a chat."""
        reply = self.call_chat(connection, text, {"stream": stream}, model)
        if error_of(reply) is not None or reply["choices"][0]["message"]["content"] != self.prompt(text):
            self.complain("a chat was not answered with its own text", reply)
        self.hits += reply["promptd"].get("cache") == "hit"
        if model == "sandbox/echo":
            self.kept[text] = reply["promptd"].get("key", "")
            self.purged.discard(text)

    def ask(self, connection: Connection, method: str, **params: Any) -> dict[str, Any] | None:
        """What a method answers, None where it says that the store cannot be used."""
        reply = connection.call(method, **params)
        if (name := error_of(reply)) is None:
            result: dict[str, Any] = reply["result"]
            return result
        if name != "store_unavailable":
            self.complain(f"{method} was answered with {name}", reply)
        return None

    def must(self, connection: Connection, method: str, **params: Any) -> dict[str, Any]:
        """What a method answers that has no reason to fail."""
        reply = connection.call(method, **params)
        if error_of(reply) is not None:
            self.complain(f"{method} was answered with {error_of(reply)}", reply)
        result: dict[str, Any] = reply.get("result", {})
        return result

    def submit(self, connection: Connection, text: str, must: bool = False) -> None:
        """Submits a job; one that was acknowledged before is that one for ever."""
        key = f"key of {text}"
        self.jobs[key] = text
        ask = self.must if must else self.ask
        result = ask(connection, "job.submit", **self._body(text, promptd={"idempotency_key": key}))
        if not result:
            return
        if self.ids.setdefault(key, result["job"]) != result["job"]:
            self.complain("a key has two jobs", f"{self.ids[key]} and {result['job']}")

    def look_at_job(self, key: str, job: dict[str, Any]) -> None:
        """A job that was acknowledged is done, with its own answer."""
        said = job["result"]["choices"][0]["message"]["content"] if job.get("state") == "done" else None
        if said != self.prompt(self.jobs[key]):
            self.complain("a job that was acknowledged has no right end", job)

    def list_all(self, connection: Connection) -> None:
        """Comes back when all answers until now are on disk, or given up."""
        connection.send('{"jsonrpc":"2.0","id":1,"method":"cache.list","params":{"model":"sandbox/echo"}}')
        keys: set[str] = set()
        while (reply := connection.reply()) is not None:
            if reply.get("method") == "cache.entry":
                keys.add(reply["params"]["entry"]["key"])
            elif (name := error_of(reply)) is None:
                self.is_missing |= not keys.issuperset(self.kept.values())
                return
            elif name == "store_unavailable":
                self.is_missing = True
                return
            else:
                return self.complain(f"cache.list was answered with {name}", reply)
        raise EOFError("the connection ended without a reply")

    def purge(self, connection: Connection, text: str) -> None:
        """Purges one answer; where that was acknowledged, nothing of it is left."""
        if self.ask(connection, "cache.purge", key=self.kept[text]) is not None:
            self._was_purged(connection, {text})

    def purge_all(self, connection: Connection) -> None:
        """The same with all answers."""
        if self.ask(connection, "cache.purge", all=True) is not None:
            self._was_purged(connection, set(self.kept))

    def _was_purged(self, connection: Connection, texts: set[str]) -> None:
        self.purged |= texts
        for text in sorted(texts):
            del self.kept[text]
            reply = self.call_chat(connection, text, {"promptd": {"cache": "only"}})
            if error_of(reply) != "not_cached":
                self.complain("what was purged is there", reply)
            if stores.holds(self.folder / stores.ANSWERS, f'"{self.prompt(text)}"'):
                self.complain("what was purged is still in the file", text)
