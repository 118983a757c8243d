"""promptd with few descriptors."""

import time

from harness import Connection, line, wait_until

from .clock import processor_s
from .documents import error_of
from .programs import Daemon, Folder, configure
from .raw import Raw, can_read
from .running import running
from .trial import Trial

LIMIT = 256
MORE = 44


def few_descriptors(trial: Trial) -> None:
    """More connections than there are descriptors: some find no place, and the others are served."""
    with Folder() as folder:
        configure(folder)
        prefix = ["prlimit", f"--nofile={LIMIT}:{LIMIT}"]
        with running(trial.programs, folder, prefix=prefix) as (daemon, _):
            served = daemon.connect()
            # Nobody has asked: each call is to find a descriptor of its own.
            connections = [Raw(daemon.socket, 10) for _ in range(LIMIT + MORE)]
            # Those without a place wait in the kernel's line, or are told so.
            wait_until(lambda: daemon.descriptors() >= LIMIT or len(can_read(connections, 0)) >= MORE)
            trial.tell(f"{daemon.descriptors()} of {LIMIT} descriptors are in use")
            check_served(trial, served)
            check_rest(trial, daemon)
            check_return(trial, daemon, served, connections)
            trial.check(daemon.is_alive() and daemon.end() == 0, "promptd lives on, and ends well")


def check_served(trial: Trial, served: Connection) -> None:
    """Calls are made for whoever is in: one, and two at once, each over a connection of its own."""
    for count, text in ((1, "whoever is in has a question answered"), (2, "and two at once")):
        for _ in range(count):
            served.send(line(model="sandbox/slow?first_byte_ms=200", promptd={"timeout": 8}))
        replies = [served.reply() or {} for _ in range(count)]
        seen = "\n".join(str(each)[:400] for each in replies)
        trial.check(all("choices" in each for each in replies), text, seen)


def check_rest(trial: Trial, daemon: Daemon) -> None:
    """Waiting for descriptors costs nothing, and somebody is told of it."""
    busy = processor_s(daemon.pid)
    time.sleep(2)
    busy = processor_s(daemon.pid) - busy
    trial.check(busy < 0.4, f"waiting for descriptors costs {busy:.2f} s of the processor in 2 s")
    log = daemon.log()
    words = ("descriptor", "Too many open files", "too_many_connections")
    trial.check(any(word in log for word in words), "the log says that there is no place", log[-2000:])


def check_return(trial: Trial, daemon: Daemon, served: Connection, connections: list[Raw]) -> None:
    """Once some have gone, those that waited come in, and everything can be had again."""
    for connection in connections[:LIMIT]:
        connection.socket.close()
    rest = connections[LIMIT:]
    for connection in rest:
        connection.say(line() + "\n")
    replies = [reply for connection in rest for reply in connection.replies(15, 1)]
    ends = {error_of(reply) for reply in replies}
    trial.check(
        len(replies) == len(rest) and ends <= {None, "too_many_connections"},
        "those that waited are answered, or told that there was no place",
        f"{len(replies)} of {len(rest)}: {ends}")
    with Raw(daemon.socket) as late:
        late.say(line() + "\n")
        reply, = late.replies(15, 1) or [{}]
        trial.check("choices" in reply, "whoever comes then is served", reply)
    for connection in rest:
        connection.socket.close()
    back = wait_until(lambda: served.call("status")["result"]["connections"] == 1, 15)
    trial.check(back and daemon.descriptors() < LIMIT // 2, "descriptors come back", daemon.descriptors())
    trial.check("result" in served.call("reload"), "the configuration can be read again")


CASES = [few_descriptors]
