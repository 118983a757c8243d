"""Users of the system, who speak to promptd from processes of their own."""

import itertools
import json
import os
import pwd
import re
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from .client import Connection, line
from .shell import SOCKET, run, succeed

# Handed over as text: where the checks lie, the user may not be able to read.
RELAY = Path(__file__).with_name("relay.py").read_text()
# What only who says it, and whoever may read it, is to hear: somebody's prompt, label or key.
SECRET = re.compile(r"secret-of-(\w+)-\d+")
_numbers = itertools.count()


class NotLetIn(Exception):
    """The connection was refused; its text is the name of the error, as in errno(3)."""


@dataclass
class Answer:
    """What came of a call: its result, or the name of its error, and the notifications before."""

    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Page:
    """What came of a request over HTTP."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def error(self) -> str:
        """The name of the error; empty where it is none, or only its head was asked for."""
        return str(json.loads(self.text)["error"]["type"]) if self.status >= 400 and self.text else ""


class Visit(Connection):
    """One connection of a process that a user runs, with all of the user's groups."""

    def __init__(self, user: str, address: str = SOCKET, through: tuple[str, ...] = ()) -> None:
        account = pwd.getpwnam(user)
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(60)
        self.rest, self.said, self.heard = b"", "", ""
        with theirs:
            self.process = subprocess.Popen(
                [*through, sys.executable, "-I", "-S", "-c", RELAY, address], cwd="/",
                stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL,
                user=account.pw_uid, group=account.pw_gid,
                extra_groups=os.getgrouplist(user, account.pw_gid))
        word = self._first_line()
        if word != "connected":
            self.close()
            raise NotLetIn(word)

    def _first_line(self) -> str:
        while b"\n" not in self.rest:
            more = self.socket.recv(1 << 16)
            if not more:
                return "ended"
            self.rest += more
        first, self.rest = self.rest.split(b"\n", 1)
        return first.decode()

    def send(self, text: str) -> None:
        self.said += text
        super().send(text)

    def reply(self) -> dict[str, Any] | None:
        reply = super().reply()
        self.heard += json.dumps(reply)
        return reply

    def begin(self, method: str, number: int = 1, /, **params: Any) -> None:
        """Sends a call and awaits nothing."""
        self.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))

    def end(self, number: int = 1) -> Answer:
        """Awaits the end of a call."""
        answer = Answer()
        while reply := self.reply():
            if reply.get("id") != number:
                answer.told.append(reply)
            elif "error" in reply:
                answer.error, answer.message = reply["error"]["data"]["type"], reply["error"]["message"]
                return answer
            else:
                answer.result = reply["result"]
                return answer
        answer.error = "no reply"
        return answer

    def attempt(self, method: str, /, **params: Any) -> Answer:
        """Makes a call."""
        self.begin(method, **params)
        return self.end()

    def page(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> Page:
        """Makes a request over HTTP."""
        lines = [f"{method} {path} HTTP/1.1", "Host: promptd", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.said += body
        self.socket.sendall("\r\n".join([*lines, "", body]).encode())
        response = HTTPResponse(self.socket, method=method)
        response.begin()
        page = Page(response.status, {name.lower(): value for name, value in response.getheaders()},
                    response.read().decode())
        self.heard += json.dumps(page.headers) + page.text
        return page

    def close(self) -> None:
        super().close()
        self.process.wait()


class Person:
    """A user, with the connections that are open."""

    def __init__(self, name: str, *groups: str) -> None:
        """The user of this name, a new one if need be."""
        if run("id", name).returncode != 0:
            succeed("useradd", "--no-create-home", "--groups", ",".join(groups), name)
        self.name = name
        self.visits: list[Visit] = []

    def visit(self, address: str = SOCKET, through: tuple[str, ...] = ()) -> Visit:
        """Connects."""
        visit = Visit(self.name, address, through)
        self.visits.append(visit)
        return visit

    def attempt(self, method: str, /, **params: Any) -> Answer:
        """Makes a call over a connection of its own."""
        return self.visit().attempt(method, **params)

    def secret(self) -> str:
        """A text that nobody has said before."""
        return f"secret-of-{self.name}-{next(_numbers)}"

    def body(self, model: str = "sandbox/echo", **members: Any) -> dict[str, Any]:
        """A request with a secret in it, which the sandbox gives back as its answer."""
        body: dict[str, Any] = json.loads(line(self.secret(), model, **members))
        return body

    def overheard(self) -> list[str]:
        """Others' secrets that were heard on the open connections, and not said there."""
        heard = "".join(visit.heard for visit in self.visits)
        said = "".join(visit.said for visit in self.visits)
        found = {match[0] for match in SECRET.finditer(heard) if match[1] != self.name}
        return sorted(secret for secret in found if secret not in said)

    def leave(self) -> None:
        """Closes all connections."""
        for visit in self.visits:
            visit.close()
        self.visits.clear()
