"""A client of the socket that speaks lines."""

import itertools
import json
import socket
from typing import Any

from .shell import SOCKET

_numbers = itertools.count()


def line(text: str | None = None, model: str = "sandbox/echo", **members: Any) -> str:
    """A request that nobody has made before, unless it is told which."""
    text = f"question {next(_numbers)}" if text is None else text
    body = {"model": model, "messages": [{"role": "user", "content": text}], **members}
    return json.dumps(body, separators=(",", ":"))


class Connection:
    """One connection, read line by line."""

    def __init__(self, path: str = SOCKET, limit_s: float = 60) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit_s)
        self.socket.connect(path)
        self.rest = b""

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode() + b"\n")

    def reply(self) -> dict[str, Any] | None:
        """The next reply; None at the end. What has come of one that did not end stays in `rest`."""
        while b"\n" not in self.rest:
            more = self.socket.recv(1 << 16)
            if not more:
                return None
            self.rest += more
        first, self.rest = self.rest.split(b"\n", 1)
        reply: dict[str, Any] = json.loads(first)
        return reply

    def ask(self, text: str) -> dict[str, Any]:
        self.send(text)
        reply = self.reply()
        if reply is None:
            raise EOFError("the connection ended without a reply")
        return reply

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.ask(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))

    def close(self) -> None:
        self.socket.close()


def ask(text: str) -> dict[str, Any]:
    """Asks over a connection of its own."""
    connection = Connection()
    try:
        return connection.ask(text)
    finally:
        connection.close()
