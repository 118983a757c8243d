"""Connections that say exactly the bytes that they are told to, and what comes back."""

import json
import re
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any


class Raw:
    """One connection. What is said goes out as it is, and all that comes is in `read`."""

    def __init__(self, address: str | tuple[str, int], limit_s: float = 30) -> None:
        """At a path, or at a host and port."""
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        # With a time limit Python does not wait, and where a Unix socket's line is full it is refused.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(limit_s), 0))
        self.read = bytearray()
        self.calls = 0
        self.is_over = False
        try:
            self.socket.connect(address)
            self.socket.settimeout(limit_s)
        except OSError:
            self.socket.close()
            raise

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *what: object) -> None:
        self.socket.close()

    def say(self, data: bytes | str) -> bool:
        """Whether all of it was taken; a peer that has closed takes nothing."""
        try:
            self.socket.sendall(data.encode() if isinstance(data, str) else data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def say_no_more(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the peer was faster

    def hear_more(self, end: float) -> bytes:
        """What comes next, until a time on the monotonic clock; nothing then, or at the end."""
        if self.is_over or not can_read([self], max(0.0, end - time.monotonic())):
            return b""
        try:
            more = self.socket.recv(1 << 18)
        except ConnectionResetError:
            more = b""
        self.is_over = not more
        self.read += more
        return more

    def hear(self, limit_s: float = 30, enough: bytes = b"") -> bytes:
        """All that comes until the end, or so long, or until something is among it."""
        end = time.monotonic() + limit_s
        while not (enough and enough in self.read) and self.hear_more(end):
            pass
        return bytes(self.read)

    def replies(self, limit_s: float = 30, count: int | None = None) -> list[dict[str, Any]]:
        """All lines that come until the end, or so long, or until there are so many."""
        end = time.monotonic() + limit_s
        lines = self.read.count(b"\n")
        while count is None or lines < count:
            more = self.hear_more(end)
            if not more:
                break
            lines += more.count(b"\n")
        return [json.loads(line) for line in bytes(self.read).split(b"\n")[:-1]]

    def call(self, method: str, limit_s: float = 30, **params: Any) -> dict[str, Any]:
        """The reply to a JSON-RPC call; what else comes before it stays in `read`."""
        self.calls += 1
        name = f"call {self.calls}"
        self.say(json.dumps({"jsonrpc": "2.0", "id": name, "method": method, "params": params}) + "\n")
        end = time.monotonic() + limit_s
        place = 0
        while True:
            while (stop := self.read.find(b"\n", place)) < 0:
                if not self.hear_more(end):
                    raise EOFError(f"no reply to {method}")
            reply = json.loads(bytes(self.read[place:stop]))
            if reply.get("id") == name:
                found: dict[str, Any] = reply
                del self.read[place : stop + 1]
                return found
            place = stop + 1


def can_read(connections: list[Raw], limit_s: float) -> list[Raw]:
    """Those of which something has come, or the end; waits for the first so long."""
    return [each for each, _ in _poll({each: select.POLLIN for each in connections}, limit_s)]


def takes_more(connection: Raw, limit_s: float) -> bool:
    """Whether something can be said within so long."""
    return bool(_poll({connection: select.POLLOUT}, limit_s))


def can_talk(connection: Raw, has_more: bool, limit_s: float) -> tuple[bool, bool]:
    """Whether something has come, and whether more is taken, where there is more to say."""
    events = select.POLLIN | (select.POLLOUT if has_more else 0)
    found = dict(_poll({connection: events}, limit_s)).get(connection, 0)
    return bool(found & ~select.POLLOUT), bool(found & select.POLLOUT)


def _poll(events: dict[Raw, int], limit_s: float) -> list[tuple[Raw, int]]:
    """select(2) knows no descriptor past 1,023."""
    poller = select.poll()
    by_number = {each.socket.fileno(): each for each in events}
    for number, each in by_number.items():
        poller.register(number, events[each])
    return [(by_number[number], found) for number, found in poller.poll(1000 * min(limit_s, 1e6))]


@dataclass
class Response:
    """One HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def responses(data: bytes) -> list[Response]:
    """All whole responses that bytes consist of; raises ValueError for what is none."""
    found = []
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if not separator:
            raise ValueError(f"half a head: {data[:200]!r}")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = re.fullmatch(r"HTTP/1\.[01] (\d{3}) .*", first)
        if not status:
            raise ValueError(f"no status: {first[:200]!r}")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body, data = _body(int(status[1]), headers, rest)
        found.append(Response(int(status[1]), headers, body))
    return found


def _body(status: int, headers: dict[str, str], rest: bytes) -> tuple[bytes, bytes]:
    if status < 200 or status in (204, 304):
        return b"", rest
    if headers.get("transfer-encoding") == "chunked":
        return _chunks(rest)
    length = int(headers.get("content-length", len(rest)))
    if len(rest) < length:
        raise ValueError(f"{len(rest)} of {length} bytes of a body")
    return rest[:length], rest[length:]


def _chunks(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, separator, rest = rest.partition(b"\r\n")
        if not separator:
            raise ValueError("chunks without an end")
        length = int(size, 16)
        if len(rest) < length + 2:
            raise ValueError("half a chunk")
        body, rest = body + rest[:length], rest[length + 2 :]
        if length == 0:
            return body, rest


def post(body: bytes | str, *headers: str, path: str = "/v1/chat/completions") -> bytes:
    """A request over HTTP, with its length and these headers too."""
    data = body.encode() if isinstance(body, str) else body
    head = [f"POST {path} HTTP/1.1", "Host: promptd", f"Content-Length: {len(data)}", *headers]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + data
