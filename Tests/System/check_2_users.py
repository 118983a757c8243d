"""2. Three real users, and a rule by unit: who may connect, who may administer, who waits where."""

import json
import os
import pwd
import subprocess
import tempfile
from typing import IO, Any

from harness import Report, configure, line, restart, run, sandboxed, succeed, wait_until

SECRET = "the admin's own words"
NIGHTLY = """
[[client]]
name = "nightly"
unit = "nightly-*.service"
priority = "low"
max_priority = "low"
"""


def run_as(user: str, *words: str, input: str = "") -> tuple[int, str]:
    result = run("promptctl", *words, user=user, input=input)
    return result.returncode, result.stdout


def followed(report: Report) -> None:
    """What the client sees of the log while others ask."""
    with tempfile.TemporaryFile("w+") as mine, tempfile.TemporaryFile("w+") as all_of_it:
        watchers = [start_as(user, "promptctl", "log", "--json", stdout=file)
                    for user, file in (("client", mine), ("admin", all_of_it))]

        def clients(file: IO[str]) -> set[str | None]:
            file.seek(0)
            return {json.loads(entry).get("client") for entry in file.read().splitlines()}

        def ask_and_look() -> bool:
            for user in ("admin", "client"):
                run_as(user, "send", input=line() + "\n")
            return {"client", "admin"} <= clients(all_of_it) and bool(clients(mine))

        seen = wait_until(ask_and_look)
        for watcher in watchers:
            watcher.terminate()
            watcher.wait()
        report.check(seen, "the administrator sees all of the log", clients(all_of_it))
        report.check(clients(mine) == {"client"}, "the client sees of it what is about itself", clients(mine))


def start_as(user: str, *words: str, **more: Any) -> subprocess.Popen[str]:
    """Starts a program as a user with all of its groups."""
    account = pwd.getpwnam(user)
    groups = os.getgrouplist(user, account.pw_gid)
    return subprocess.Popen(words, user=user, group=account.pw_gid, extra_groups=groups, cwd="/", text=True,
                            stdin=subprocess.DEVNULL, **more)


def queue(user: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(run_as(user, "queue", "list", "--json")[1])["rows"]
    return rows


def make_users() -> None:
    for name, groups in (
        ("client", "promptd-clients"), ("admin", "promptd-clients,promptd-admins"), ("outsider", ""),
    ):
        succeed("useradd", "--create-home", "--groups", groups, name)


def check(report: Report) -> None:
    make_users()
    configure(sandboxed(more=NIGHTLY))
    restart()
    code, said = run_as("outsider", "ping")
    report.check(code == 77 and "promptd-clients" in said,
                 "the outsider cannot connect, and is told which group may", said)

    code, said = run_as("admin", "send", input=line(SECRET) + "\n")
    report.check(code == 0 and SECRET in said, "the administrator asks", said)
    succeed("promptctl", "queue", "pause", user="admin")
    waiting = start_as("admin", "promptctl", "ask", "--json", SECRET + " that wait", stdout=subprocess.PIPE)
    report.check(wait_until(lambda: queue("admin")), "a request of the administrator's waits")
    for words in (("cache", "purge", "--all"), ("cache", "list"), ("cache", "export"),
                  ("queue", "resume"), ("reload",)):
        code, said = run_as("client", *words)
        report.check(code == 77 and SECRET not in said, f"the client may not: {' '.join(words)}", said)
    looks = [run_as("client", *words, input=text) for words, text in (
        (("status", "--json"), ""), (("queue", "list", "--json"), ""), (("clients",), ""),
        (("cache", "stats", "--json"), ""), (("cache", "explain", "--json"), line("something else")),
        (("send",), '{"jsonrpc":"2.0","id":1,"method":"metrics"}\n'))]
    seen = "".join(said for _, said in looks)
    report.check(SECRET not in seen and not any(code for code, _ in looks),
                 "nothing that the client can see holds another's prompt", seen)
    code, said = run_as("client", "queue", "cancel", queue("client")[0]["request"])
    report.check(code == 77, "the client may not cancel another's request", said)
    code, said = run_as("client", "send", input=line(SECRET) + "\n")
    report.check(code == 0 and json.loads(said)["promptd"]["cache"] == "hit",
                 "the client may ask, and shares the cache", said)

    succeed("promptctl", "queue", "resume", user="admin")
    said = waiting.communicate(timeout=30)[0]
    report.check(SECRET in said, "what waited is answered", said)
    followed(report)
    code, said = run_as("admin", "cache", "purge", "--all")
    report.check(code == 0, "the administrator may purge", said)
    code, said = run_as("admin", "reload")
    report.check(code == 0, "the administrator may reload", said)
    code, said = run_as("root", "cache", "stats", "--json")
    report.check(code == 0, "root may all that an administrator may", said)

    for user, unit, expected in (
        ("client", "nightly-1", ("nightly", "low")), ("client", "daily-1", ("client", "normal")),
    ):
        said = succeed(
            "systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={unit}",
            "-p", f"User={user}", "promptctl", "send", input=line() + "\n")
        told = json.loads(said)["promptd"]
        report.check((told["client"], told["priority"]) == expected,
                     f"asked from {unit}.service it is {expected[0]}'s, with priority {expected[1]}", said)
