"""Senders that never come to an end: a byte now and then."""

import time
from dataclasses import dataclass

from harness import line

from .raw import Raw, can_read, post, responses
from .target import Target

PAUSE_S = 1.0
# What docs/protocol.md gives the head of a request, and the rest of a line that is too long.
LIMIT_S = 10.0
SLACK_S = 3.0
SECOND = "a second head, after a reply"


@dataclass
class Sender:
    """Says the beginning at once and then a byte of the rest at a time; whether promptd is to end it."""

    name: str
    connection: Raw
    beginning: bytes
    rest: bytes
    # The status that it is told, 0 for no response; None where it is not ended.
    status: int | None
    # How many requests are whole in the beginning.
    answered: int = 0
    ended_s: float | None = None


def senders(target: Target) -> list[Sender]:
    """All of them, connected."""
    head = post(line(), target.authorization).partition(b"\r\n\r\n")[0]
    half = head + b"\r\nX-More: "
    many = b"a" * 1000
    web, unix = target.loopback, target.socket
    cases: list[tuple[str, str | tuple[str, int], bytes, bytes, int, int]] = [
        ("a head over TCP", web, b"P", half[1:] + many, 408, 0),
        ("a head over the Unix socket", unix, b"P", half[1:] + many, 408, 0),
        ("a head's last line", unix, half, many, 408, 0),
        ("nothing over TCP", web, b"", b"", 408, 0),
        ("nothing but blank lines over TCP", web, b"\r\n", b"\r\n" * 1000, 408, 0),
        (SECOND, unix, b"", half + many, 408, 1),
        ("half a head in one piece with a whole request", unix, post(line()) + half, b"", 408, 1),
        (
            "half a head in one piece with two whole requests",
            web,
            2 * post(line(), target.authorization) + half,
            b"",
            408,
            2,
        ),
        ("half a head behind a request in chunks", unix, chunked(line()) + half, b"", 408, 1),
        ("the rest of a line that is too long", unix, b"x" * (33 << 20), many, 0, 0),
    ]
    found = [
        Sender(name, Raw(place), first, rest, status, answered)
        for name, place, first, rest, status, answered in cases
    ]
    text = line().encode() + b"\n"
    found.append(Sender("a line", Raw(unix), text[:-10], text[-10:], None))
    whole = post(line())
    found.append(Sender("a body", Raw(unix), whole[:-10], whole[-10:], None))
    return found


def chunked(body: str) -> bytes:
    """A request with its body in one chunk."""
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: promptd\r\nTransfer-Encoding: chunked\r\n\r\n"
    return f"{head}{len(body):x}\r\n{body}\r\n0\r\n\r\n".encode()


def slow_senders(target: Target) -> None:
    """A byte a second: heads are ended after 10 s with 408, lines and bodies may take their time."""
    all_senders = senders(target)
    for sender in all_senders:
        if sender.name == SECOND:
            sender.connection.say(post(line()))
            sender.connection.hear(10, b'"total_tokens"')
    began = time.monotonic()
    for sender in all_senders:
        # A line of 33 MiB is more than the socket takes at once.
        sender.connection.say(sender.beginning)
    end = began + LIMIT_S + SLACK_S
    next_byte = time.monotonic() + PAUSE_S
    while time.monotonic() < end:
        _hear(all_senders, began, min(next_byte, end))
        if time.monotonic() >= next_byte:
            next_byte += PAUSE_S
            for sender in all_senders:
                if sender.ended_s is None and sender.rest:
                    sender.connection.say(sender.rest[:1])
                    sender.rest = sender.rest[1:]
    for sender in all_senders:
        _check(target, sender)
        sender.connection.socket.close()
    target.check_rest()


def _hear(all_senders: list[Sender], began: float, until: float) -> None:
    """Takes what comes until then, and notes who has been ended."""
    while (left := until - time.monotonic()) > 0:
        ready = can_read([each.connection for each in all_senders if each.ended_s is None], left)
        for sender in (each for each in all_senders if each.connection in ready):
            sender.connection.hear_more(time.monotonic())
            if sender.connection.is_over:
                sender.ended_s = time.monotonic() - began


def _check(target: Target, sender: Sender) -> None:
    data = bytes(sender.connection.read)
    if sender.status is None:
        is_answered = b'"chat.completion"' in data and sender.ended_s is None
        return target.check(
            is_answered, f"{sender.name}, a byte a second, is answered in the end", data[:300]
        )
    if sender.status == 0:
        text = f"{sender.name} is thrown away for {LIMIT_S:.0f} s, and the connection closed"
        return target.check(
            sender.ended_s is not None and sender.ended_s >= LIMIT_S - 1 and b"too_large" in data,
            text,
            f"after {sender.ended_s} s: {data[:300]!r}",
        )
    statuses = [each.status for each in responses(data)] if data else []
    expected = [200] * sender.answered + [sender.status]
    target.check(
        statuses == expected and sender.ended_s is not None and sender.ended_s >= LIMIT_S - 1,
        f"{sender.name} has {LIMIT_S:.0f} s, and then {sender.status}",
        f"statuses {statuses}, ended after {sender.ended_s} s",
    )


CASES = [slow_senders]
