"""Clients that ask for much and read little or nothing of it."""

import json
import time

from harness import line, wait_until

from .crowds import FIRST_USER, crowd
from .figures import MIB, mib
from .raw import Raw, can_talk, post, responses, takes_more
from .target import Target, as_user

WRITE_TIMEOUT_S = 2


def readers_that_stop(target: Target) -> None:
    """Long answers and long streams that nobody reads: given up or dropped, and never more than may wait."""
    asked = [line(model=f"sandbox/huge?bytes={8 * MIB}", stream=stream) for stream in (False, True)]
    with crowd(target, 48, FIRST_USER) as connections:
        for number, connection in enumerate(connections):
            own = line(model=f"sandbox/huge?bytes={8 * MIB}", stream=number % 4 < 2)
            body = asked[number % 2] if number < 24 else own
            connection.say(post(body) if number % 3 else f"{body}\n")
        _check_waiting(target, 8 * MIB)
    target.check_rest()


def one_answer_for_many(target: Target) -> None:
    """One call, whose long answer 40 connections wait for that do not read it."""
    for is_http in (False, True):
        body = line(model=f"sandbox/huge?bytes={16 * MIB}")
        with crowd(target, 40, FIRST_USER) as connections:
            for connection in connections:
                connection.say(post(body) if is_http else f"{body}\n")
            _check_waiting(target, 16 * MIB)
    target.check_rest()


def results_that_nobody_reads(target: Target) -> None:
    """One connection asks 100 times for the result of a job, which is long, and reads none."""
    body = json.loads(line(model=f"sandbox/huge?bytes={4 * MIB}"))
    connections: list[Raw] = []
    as_user(FIRST_USER, lambda: connections.append(Raw(target.socket, 60)))
    with connections[0] as connection:
        job = connection.call("job.submit", **body)["result"]["job"]
        connection.call("job.wait", 60, job=job)
        connection.say(
            "".join(
                json.dumps({"jsonrpc": "2.0", "id": number, "method": "job.get", "params": {"job": job}})
                + "\n"
                for number in range(100)
            )
        )
        _check_waiting(target, 4 * MIB)
    target.check_rest()


def half_requests(target: Target) -> None:
    """Long lines and bodies that do not end: past a quarter of max_buffered they are refused."""
    half = line("x" * (6 * MIB))[:-10].encode()
    share = target.status()["buffers"]["limit"] // 4
    before = target.daemon.memory()
    with crowd(target, 24, FIRST_USER) as connections:
        for number, connection in enumerate(connections):
            connection.say(half if number % 2 else post(half + b" " * 10)[:-10])
        wait_until(lambda: _is_still(target), 20)
        waiting, grown = target.status()["buffers"]["bytes"], target.daemon.memory() - before
        # In the middle of a body the connection is closed, in the middle of a line the rest thrown away.
        refused = [each for each in connections if b"queue_full" in each.hear(0.05)]
    target.check(refused, f"{len(refused)} of 24 are told queue_full")
    target.check(waiting <= share + 2 * len(half), f"{mib(share)} and two requests may wait", mib(waiting))
    target.check(grown <= 4 * share, f"memory grows by less than {mib(4 * share)}", mib(grown))
    target.check_rest()


def _check_waiting(target: Target, size: int) -> None:
    """What waits for clients who do not read stays within their share, and is gone in the end."""
    before = target.daemon.memory()
    most_bytes = most_memory = 0
    has_begun = False
    rested: float | None = None
    end = time.monotonic() + 60
    while time.monotonic() < end and (rested is None or time.monotonic() < rested + 0.5):
        status = target.status()
        waiting, busy = status["buffers"]["bytes"], status["queue"]["running"] + status["queue"]["queued"]
        most_bytes, most_memory = max(most_bytes, waiting), max(most_memory, target.daemon.memory())
        has_begun = has_begun or waiting > 0
        is_at_rest = has_begun and waiting == 0 and busy <= 1
        rested = (rested or time.monotonic()) if is_at_rest else None
        time.sleep(0.01)
    limit = status["buffers"]["limit"]
    target.check(rested, "within a minute nothing waits for them any more", str(status)[:1500])
    # Each of those under way when there is no more room has one chunk, and one that is whole its answer.
    bound = limit // 4 + 2 * size
    target.check(
        most_bytes <= bound,
        f"at most {mib(bound)} wait, a quarter of max_buffered and two answers",
        f"{mib(most_bytes)} waited, and memory grew by {mib(most_memory - before)}",
    )
    target.check(
        most_memory - before <= 2 * limit,
        f"memory grows by less than {mib(2 * limit)}",
        mib(most_memory - before),
    )


def slow_readers(target: Target) -> None:
    """Who reads a little at a time is served to the end, for longer than write_timeout."""
    asked = line(model=f"sandbox/huge?bytes={MIB}")
    with Raw(target.socket) as lines, Raw(target.loopback) as web:
        lines.say(asked + "\n")
        web.say(post(asked, target.authorization, "Connection: close"))
        end = time.monotonic() + 3 * WRITE_TIMEOUT_S
        while time.monotonic() < end:
            for connection in (lines, web):
                connection.read += connection.socket.recv(4096)
            time.sleep(0.2)
        lines.say_no_more()
        (reply,) = lines.replies()
        (response,) = responses(web.hear())
    content = reply["choices"][0]["message"]["content"]
    target.check(len(content) == MIB, "a slow reader of lines has all of it", len(content))
    content = response.json()["choices"][0]["message"]["content"]
    target.check(len(content) == MIB, "a slow reader of HTTP has all of it", len(content))
    target.check_rest()


# MARK: Pipelining


def pipelining(target: Target) -> None:
    """10,000 requests on one connection before anything is read: hits and misses, lines and HTTP."""
    count = max(200, target.trial.scaled(10_000))
    known = line("pipelined")
    target.daemon.connect().ask(known)
    before = target.daemon.memory()
    for name, bodies in (
        ("hits", [known] * count),
        ("misses", [line(f"pipelined miss {number}") for number in range(count)]),
    ):
        for is_http in (False, True):
            data = (
                b"".join(post(body) for body in bodies)
                if is_http
                else "".join(f"{b}\n" for b in bodies).encode()
            )
            with Raw(target.socket, 60) as connection:
                held = _say_all_that_is_taken(connection, data)
                grown = target.daemon.memory() - before
                connection.socket.setblocking(True)
                found = _answers(_converse(connection, data[held:]), is_http)
            expected = [json.loads(body)["messages"][0]["content"] for body in bodies]
            kind = "HTTP" if is_http else "lines"
            target.check(
                found == expected,
                f"{count} {name} over {kind} are all answered, in order "
                f"({held >> 10} KiB taken before a reply was read)",
                f"{len(found)} answers, the first {found[:2]}",
            )
            target.check(grown < 100 * MIB, "unread they take less than 100 MiB", mib(grown))
    target.check_rest()


def _say_all_that_is_taken(connection: Raw, data: bytes) -> int:
    """Says as much as promptd reads while nothing is read of it: until nothing more is taken for a second."""
    connection.socket.setblocking(False)
    place = 0
    while place < len(data) and takes_more(connection, 1):
        place += connection.socket.send(data[place : place + (1 << 16)])
    return place


def _converse(connection: Raw, rest: bytes) -> bytes:
    """Says the rest while it reads, to the end."""
    view = memoryview(rest)
    connection.socket.setblocking(False)
    while not connection.is_over:
        ready, free = can_talk(connection, bool(view), 60)
        if not ready and not free:
            break
        if free:
            view = view[connection.socket.send(view[: 1 << 16]) :]
            if not view:
                connection.say_no_more()
        if ready:
            connection.hear_more(time.monotonic())
        if not rest and not view:
            connection.say_no_more()
            rest = b"said"
    return bytes(connection.read)


def _answers(data: bytes, is_http: bool) -> list[str]:
    bodies = [each.body for each in responses(data)] if is_http else data.splitlines()
    return [
        json.loads(body).get("choices", [{}])[0].get("message", {}).get("content", body[:200])
        for body in bodies
    ]


def requests_behind_one(target: Target) -> None:
    """Small requests that wait behind one that is not answered, on many connections."""
    count = max(20, target.trial.scaled(200))
    first = post(line(model="sandbox/silent"))
    small = b"GET / HTTP/1.1\r\nHost:\r\n\r\n"
    # Whoever sends much is read in large pieces.
    large = post(line("x" * (1 << 20), max_tokens=1))
    with crowd(target, count, FIRST_USER) as connections:
        for connection in connections:
            connection.say(large)
            connection.hear(30, b"}]")
        before = target.daemon.memory()
        said = 0
        for connection in connections:
            connection.socket.setblocking(False)
            said += connection.socket.send(first + small * 7000)
        wait_until(lambda: _waiting(target) >= count and _is_still(target), 20)
        grown = target.daemon.memory() - before
        held = target.status()["buffers"]["bytes"]
    target.tell(f"{mib(said)} were said, memory grew by {mib(grown)}, {mib(held)} are counted")
    target.check(
        grown <= 3 * said + 64 * MIB,
        "what waits takes about as much memory as was said, or is counted",
        f"{mib(said)} were said, memory grew by {mib(grown)}, and {mib(held)} count for max_buffered",
    )
    target.check_rest()


def _waiting(target: Target) -> int:
    queue = target.status()["queue"]
    return int(queue["running"] + queue["queued"])


_last: list[int] = [0]


def _is_still(target: Target) -> bool:
    """Whether memory has not changed since the last look."""
    time.sleep(0.3)
    memory = target.daemon.memory()
    is_same = memory == _last[0]
    _last[0] = memory
    return is_same


CASES = [
    readers_that_stop,
    one_answer_for_many,
    results_that_nobody_reads,
    half_requests,
    slow_readers,
    pipelining,
    requests_behind_one,
]
