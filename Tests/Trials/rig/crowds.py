"""Many connections, and such as come and go."""

import array
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness import line, wait_until

from .figures import MIB, mib
from .raw import Raw, can_read, post, responses
from .target import CAN_BE_OTHERS, Target, as_user, raise_descriptor_limit

# Users that own nothing here: any number is one to the kernel.
FIRST_USER = 20_001
DEFAULT_FOR_USER = 1024
DEFAULT_IN_ALL = 10_000


@contextmanager
def crowd(target: Target, count: int, user: int) -> Iterator[list[Raw]]:
    """So many connections of a user."""
    connections: list[Raw] = []
    try:
        as_user(user, lambda: connections.extend(Raw(target.socket) for _ in range(count)))
        yield connections
    finally:
        for connection in connections:
            connection.socket.close()


def one_user_has_all_it_may(target: Target) -> None:
    """1,024 connections of a user that say nothing, and some more, which are told why not."""
    more = 25
    # Root has places beyond the limit, and the other clients here are its own.
    let_in = DEFAULT_FOR_USER if CAN_BE_OTHERS else DEFAULT_FOR_USER - target.own_connections
    with crowd(target, let_in + more, FIRST_USER) as connections:
        # Two loops take them in, each at its own pace: it need not be the last who find no place.
        wait_until(lambda: len(can_read(connections, 0)) >= more, 10)
        told = can_read(connections, 0)
        refused = [each for each in told if _is_refused(each, "max_connections_per_user")]
        target.check(
            len(refused) == len(told) == more,
            f"{let_in} connections of a user stay, and {more} more are told too_many_connections and closed",
            f"{len(refused)} of {len(told)}: {[bytes(each.read) for each in told[:5]]}",
        )
    target.check_rest()


def _is_refused(connection: Raw, limit: str) -> bool:
    replies = connection.replies(10)
    return (
        connection.is_over
        and len(replies) == 1
        and limit in replies[0]["error"]["message"]
        and replies[0]["error"]["type"] == "too_many_connections"
    )


def all_places_are_taken(target: Target) -> None:
    """10,000 connections of ten users that say nothing; root may look in nevertheless."""
    if not CAN_BE_OTHERS or raise_descriptor_limit() < DEFAULT_IN_ALL + 500:
        return target.tell("10,000 connections need root and as many descriptors: not tried here")
    before, began = target.daemon.memory(), time.monotonic()
    connections: list[Raw] = []
    try:
        for user in range(FIRST_USER, FIRST_USER + 10):
            left = DEFAULT_IN_ALL - target.own_connections - len(connections)
            as_user(user, lambda: connections.extend(Raw(target.socket) for _ in range(min(1000, left))))
        is_full = wait_until(lambda: target.status()["connections"] == DEFAULT_IN_ALL, 30)
        target.check(
            is_full, f"{DEFAULT_IN_ALL} connections in all are let in", target.status()["connections"]
        )
        took = target.daemon.memory() - before
        target.tell(f"it took {time.monotonic() - began:.1f} s and {mib(took)}")
        target.check(took < 100 * MIB, "they take less than 100 MiB", mib(took))
        as_user(FIRST_USER + 11, lambda: connections.append(Raw(target.socket)))
        target.check(
            _is_refused(connections[-1], "max_connections)"),
            "one more is told too_many_connections",
            connections[-1].read,
        )
        looking = target.daemon.connect()
        target.check("result" in looking.call("status"), "root can look in nevertheless")
        looking.close()
    finally:
        for connection in connections:
            connection.socket.close()
    target.check_rest()


def closing_in_mid_line(target: Target) -> None:
    """1,000 connections of which each has said half a line or half a request, closed at once."""
    half = [line()[:40].encode(), post(line())[:90], b'{"jsonrpc":"2.0","id":1,"met', post(line())[:-5]]
    with crowd(target, 1000, FIRST_USER) as connections:
        for number, connection in enumerate(connections):
            connection.say(half[number % len(half)])
    target.check_rest()
    target.check(True, "they are gone")


def coming_and_going(target: Target) -> None:
    """3,000 connections, each closed as soon as it is there, some with a request on the way."""

    def act() -> None:
        for number in range(3000):
            with Raw(target.socket) as connection:
                if number % 3 == 0:
                    connection.say(line() + "\n")

    before = target.daemon.descriptors()
    as_user(FIRST_USER, act)
    target.check_rest()
    now = target.daemon.descriptors()
    # A few calls to the sandbox stay connected.
    target.check(now <= before + 40, "none of their descriptors stays", f"{before}, then {now}")


def passing_descriptors(target: Target) -> None:
    """Descriptors sent along with a request are not taken."""
    before = target.daemon.descriptors()
    with Raw(target.socket) as connection, open(os.devnull) as null:
        rights = array.array("i", [null.fileno()] * 200)
        asked = line() + "\n"
        connection.socket.sendmsg([asked.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        answered = connection.replies(10, 1)
        during = target.daemon.descriptors()
    target.check(answered and "choices" in answered[0], "the request is answered", answered)
    target.check(during <= before + 20, "the descriptors are not kept", f"{before}, then {during}")
    target.check_rest()


# MARK: Half-closes


def half_closes(target: Target) -> None:
    """Half-closed connections have all that they asked for; over TCP the half-closed are gone."""
    with crowd(target, 60, FIRST_USER) as connections:
        for number, connection in enumerate(connections):
            asked = [line(model="sandbox/slow?first_byte_ms=300") for _ in range(3)]
            data = b"".join(post(each) for each in asked) if number % 2 else ("\n".join(asked)).encode()
            connection.say(data)
            connection.say_no_more()
        wrong = [bytes(each.hear(30))[:300] for each in connections if not _has_three(each)]
    target.check(not wrong, "whoever half-closes has all replies, the last line without its end too", wrong)
    with Raw(target.loopback) as connection:
        connection.say(post(line(model="sandbox/silent"), target.authorization))
        wait_until(lambda: target.status()["queue"]["running"] >= 1)
        connection.say_no_more()
        target.check(
            connection.hear(10) == b"" and connection.is_over, "over TCP it is closed", connection.read
        )
    target.check_rest()


def _has_three(connection: Raw) -> bool:
    data = connection.hear(30)
    if data.startswith(b"HTTP"):
        return connection.is_over and [each.status for each in responses(data)] == [200] * 3
    return connection.is_over and data.count(b'"object":"chat.completion"') == data.count(b"\n") == 3


CASES = [
    one_user_has_all_it_may,
    all_places_are_taken,
    closing_in_mid_line,
    coming_and_going,
    passing_descriptors,
    half_closes,
]
