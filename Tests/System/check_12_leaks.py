"""12. What a client of bad intent gets at: nothing of others', and no right that it has not."""

import json
import pwd
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import Report, json_journal, property_of, run, succeed, wait_until
from harness.overseer import (
    DROP_IN, HELD, IDLE, LOOPBACK, TOKEN, WAITING_MODEL, Overseer, clear_up, prepare)
from harness.people import NotLetIn, Person, Visit
from harness.probes import Case, read_until, submitted, watching
from harness.quoting import QuotingUpstream

# The first rule goes by unit alone, which gives a name and no right.
RULES = """
[[client]]
name = "nightly"
unit = "nightly-*.service"
[[client]]
user = "limited"
models = ["sandbox/slow*"]
"""
# Words that go to a terminal, into metrics and into the journal, and are to stay words.
EVIL_MODEL = 'sandbox/\x1b]0;x\x07"} 1\n# EOF\nforged 1'
EVIL_LABEL = "x\nPROMPTD_CLIENT=admin\nMESSAGE=forged"
# Listens where a daemon of another user's would, and tells of who comes.
IMPOSTOR = """
import os, socket, sys
os.mkdir(sys.argv[1], 0o755)
path = sys.argv[1] + "/promptd.sock"
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
os.chmod(path, 0o777)
listener.listen()
print("listens", flush=True)
while True:
    listener.accept()[0].close()
    print("caught", flush=True)
"""


@dataclass
class Scene:
    """Who is there: `client` is of bad intent, and `other` has secrets."""

    report: Report
    root: Overseer
    upstream: QuotingUpstream
    client: Person
    other: Person
    private: Person
    limited: Person

    @property
    def case(self) -> Case:
        """The client, at what is the other's."""
        return Case("", self.client, self.other, self.other, self.root)

    def leave(self) -> None:
        for person in (self.client, self.other, self.private, self.limited):
            person.leave()


def check(report: Report) -> None:
    names = ("client", "other", "private", "limited")
    people = {name: Person(name, "promptd-clients") for name in names}
    with QuotingUpstream() as upstream:
        prepare(RULES, upstream.table)
        scene = Scene(report, Overseer(), upstream, **people)
        for attack in (
            others_words, refusals, nearest, notifications, others_requests, joining, byte_for_byte, heirs,
            forbidden_model, other_names, tokens, revoked, forging, impostor, files,
        ):
            attack(scene)
            scene.leave()
        scene.root.leave()
        upstream.shutdown()
    clear_up()


# What others said, wherever it went.

def others_words(scene: Scene) -> None:
    """All that a client can look at, while another's requests wait, fail, are refused and are kept."""
    report, client, other = scene.report, scene.client, scene.other
    mine, roots = watching(client), watching(scene.root)
    options = {"label": other.secret(), "idempotency_key": other.secret()}
    scene.case.waiting()
    scene.case.stored()
    job = submitted(other, promptd=options)
    other.attempt("chat", **other.body(promptd={"label": options["label"]}))
    other.attempt("chat", **other.body(user=other.secret(), temperature="hot"))
    failed = [other.attempt("chat", **other.body("quoting/m", stream=True)).error,
              other.visit().page("POST", "/v1/chat/completions", json.dumps(other.body("quoting/m")),
                                 {"Authorization": f"Bearer {other.secret()}"}).error,
              other.attempt("chat", **other.body("quoting/m")).error]
    report.check(failed == ["stream_interrupted", "upstream_error", "upstream_error"],
                 "an upstream fails, and quotes the prompt", failed)
    shown = scene.upstream.shown
    report.check(shown == [None] * 3, "it was shown no header of a client's", shown)
    read_until(roots, other.name, "call failed")
    report.check(options["label"] in roots.heard, "root sees the label of another's request", roots.heard)

    # Why the upstream is not asked is in one's own error.
    own = client.attempt("chat", **client.body("quoting/m", promptd={"max_wait": 0.2}))
    report.check(own.error == "deadline_exceeded" and "fails" in own.message,
                 "a request for an upstream that fails is told so", own)
    for method in ("ping", "status", "queue.list", "cache.stats", "metrics", "models", "job.list"):
        client.attempt(method)
    client.attempt("usage", by=["day", "client", "model", "upstream", "label"])
    client.attempt("cache.explain", **client.body("quoting/m"))
    for path in ("/v1/models", "/healthz", "/metrics"):
        client.visit().page("GET", path)
    client.attempt("chat", **client.body())
    read_until(mine, client.name)
    heard = client.overheard()
    report.check(not heard, "nothing that a client sees holds a word of another's: prompt, answer, label, key",
                 heard)
    scene.root.see("job.cancel", job=job)


def refusals(scene: Scene) -> None:
    """A refusal of one's own is not told with the count of others'."""
    mine, refused, visit = watching(scene.client), scene.other.visit(), scene.client.visit()
    for _ in range(20):
        refused.attempt("chat", temperature="hot")
    own: list[str] = []

    def is_logged() -> bool:
        own.append(visit.attempt("chat", temperature="hot").error)
        mine.begin("ping", 2 + len(own))
        mine.end(2 + len(own))
        return "refused" in mine.heard

    # There is an entry a second.
    found = wait_until(is_logged) and re.search(r'"refused(?: (\d+) times)?"', mine.heard)
    scene.report.check(
        found and int(found[1] or 1) <= len(own), "a client's log does not count the refusals of others",
        f"{len(own)} of its own by then, and the log says: {found and found[0]}")


def nearest(scene: Scene) -> None:
    """Who knows a prompt is told which members of another's request differ, and not what is in them."""
    body = scene.other.body(user=scene.other.secret(), metadata={"case": scene.other.secret()})
    key = scene.other.attempt("chat", **body).result["promptd"]["key"]
    wait_until(lambda: scene.root.kept(key))
    guess = {**body, "user": "me", "metadata": {"case": "mine"}}
    found = scene.client.attempt("cache.explain", **guess).result["nearest"]
    scene.report.check(set(found["differs"]) == {"user", "metadata.case"} and not scene.client.overheard(),
                       "the nearest entry is told by the names of its members alone", found)


# What is others'.

def notifications(scene: Scene) -> None:
    """To a notification nothing is said, and nothing is done that may not be."""
    _, key = scene.case.stored()
    visit = scene.client.visit()
    for method, params in (
        ("queue.pause", {"upstream": IDLE}), ("cache.purge", {"all": True}),
        ("log.level", {"level": "debug"}),
    ):
        visit.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))
    visit.attempt("ping")
    root = scene.root
    # What was begun before it is done when this is.
    root.see("cache.purge", key="0" * 64)
    after = (root.state_of(IDLE), len(root.kept(key)), root.see("log.level")["level"])
    scene.report.check(after == ("serving", 1, "info"),
                       "a notification does nothing that a call may not", after)


def others_requests(scene: Scene) -> None:
    """A job's request, which the queue shows to all, and the number of a call on another's connection."""
    jobs: list[str] = []
    request = scene.root.begun(lambda: jobs.append(submitted(scene.other)))
    said = [scene.client.attempt("queue.cancel", request=request).error,
            scene.client.attempt("chat.cancel", request=request).error,
            scene.client.attempt("queue.move", request=request, priority="idle").error]
    scene.report.check(said == ["forbidden"] * 3 and scene.root.requests().get(request) == "normal",
                       "the request of another's job is neither cancelled nor moved", said)
    scene.root.see("job.cancel", job=jobs[0])

    request = scene.root.begun(lambda: scene.other.visit().begin("chat", 7, **scene.other.body(WAITING_MODEL)))
    answer = scene.client.attempt("chat.cancel", id=7)
    scene.report.check(answer.result == {"cancelled": False} and request in scene.root.requests(),
                       "the number of a call is that of one connection", answer)


def joining(scene: Scene) -> None:
    """The same request of three users under way at once."""
    body = scene.other.body(WAITING_MODEL)
    visits: list[tuple[Visit, str]] = []
    for person in (scene.other, scene.private, scene.client):
        explained = person.attempt("cache.explain", **body).result["outcome"]
        visit = person.visit()
        scene.root.begun(lambda: visit.begin("chat", **body))
        visits.append((visit, explained))
    scene.root.see("queue.resume", upstream=HELD)
    outcomes = [(explained, visit.end().result["promptd"]["cache"]) for visit, explained in visits]
    scene.root.see("queue.pause", upstream=HELD)
    scene.report.check(outcomes == [("miss", "miss"), ("miss", "miss"), ("joined", "joined")],
                       "who is private neither joins another's call nor learns of it", outcomes)
    only = scene.private.attempt("chat", **scene.case.stored()[0], promptd={"cache": "only"}).error
    scene.report.check(only == "not_cached", "nor finds its answer with cache: only", only)


def byte_for_byte(scene: Scene) -> None:
    """A body whose meaning is remembered means another entry for whoever is private, on every event loop."""
    for first, second in ((scene.other, scene.private), (scene.private, scene.other)):
        body = json.dumps(first.body())
        told = [[json.loads(person.visit().page("POST", "/v1/chat/completions", body).headers["x-promptd"])
                 for _ in range(12)] for person in (first, second)]
        keys = [{reply["key"] for reply in replies} for replies in told]
        outcomes = [[reply["cache"] for reply in replies] for replies in told]
        scene.report.check(
            [len(found) for found in keys] == [1, 1] and not keys[0] & keys[1]
            and outcomes == [["miss"] + ["hit"] * 11] * 2,
            f"the same bytes by {first.name}, then by {second.name}, are two entries", (keys, outcomes))


def heirs(scene: Scene) -> None:
    """Who inherits the call that another began, with a label, has it as its own."""
    body, label, mine = scene.other.body(WAITING_MODEL), scene.other.secret(), watching(scene.client)
    first = scene.root.begun(lambda: scene.other.visit().begin("chat", **body, promptd={"label": label}))
    heir = scene.client.visit()
    scene.root.begun(lambda: heir.begin("chat", **body))
    scene.other.leave()
    wait_until(lambda: first not in scene.root.requests())
    scene.root.see("queue.resume", upstream=HELD)
    outcome = heir.end().result["promptd"]["cache"]
    scene.root.see("queue.pause", upstream=HELD)
    read_until(mine, scene.client.name)
    scene.client.attempt("usage", by=["label"])
    scene.report.check(
        outcome == "miss" and not scene.client.overheard(),
        "a call that another began is its heir's, without the other's label", (outcome, mine.heard))


# Rights.

def forbidden_model(scene: Scene) -> None:
    """Whether the model may be used is asked before the cache is."""
    body, limited = scene.case.stored()[0], scene.limited
    said = [limited.attempt("chat", **body).error,
            limited.attempt("chat", **body, promptd={"cache": "only"}).error,
            limited.attempt("cache.explain", **body).error, limited.attempt("job.submit", **body).error,
            limited.visit().page("POST", "/v1/chat/completions", json.dumps(body)).error]
    scene.report.check(said == ["forbidden"] * 5, "an answer is not given to who may not use its model", said)
    listed = {model["id"] for model in limited.attempt("models").result["data"]}
    scene.report.check(listed and all(name.startswith("sandbox/slow") for name in listed),
                       "nor is the model listed", listed)


def other_names(scene: Scene) -> None:
    """What a process can call itself changes no right."""
    body, _ = scene.case.stored()
    said = succeed("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--unit=nightly-7",
                   "-p", "User=private", "promptctl", "send", input=json.dumps(body) + "\n")
    told = json.loads(said)["promptd"]
    scene.report.check((told["client"], told["cache"]) == ("nightly", "miss"),
                       "in a unit that has a rule, who is private stays so", said)
    try:
        visit = scene.client.visit(through=("unshare", "--map-root-user"))
        seen = (visit.attempt("ping").result["client"], visit.attempt("queue.pause", upstream=IDLE).error)
        scene.report.check(seen == ("client", "forbidden"),
                           "root of a namespace of its own is the client", seen)
    except NotLetIn as refusal:
        scene.report.tell(f"not shown: nobody is root of a namespace of their own here ({refusal})")
    try:
        Person("half", "promptd-admins").visit().close()
        said = "connected"
    except NotLetIn as refusal:
        said = str(refusal)
    scene.report.check(said == "EACCES", "an administrator who is no client is not let in", said)


def tokens(scene: Scene) -> None:
    """A token names a client on the loopback listener alone, for one request."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    body = json.dumps(scene.client.body())
    page = scene.client.visit().page("POST", "/v1/chat/completions", body, bearer)
    told = json.loads(page.headers["x-promptd"])["client"]
    scene.report.check(told == "client", "on the Unix socket a token is nothing", told)
    visit = scene.client.visit(LOOPBACK)
    errors = [visit.page("GET", "/v1/models", headers=shown).error for shown in (bearer, {})]
    scene.report.check(errors == ["", "unauthorized"],
                       "each request of a connection shows its own token", errors)
    for wrong in (f"Basic {TOKEN}", f"Bearer  {TOKEN}", f"Bearer {TOKEN}1", "Bearer ", "Bearer robot", TOKEN):
        shown = {"Authorization": wrong}
        error = scene.client.visit(LOOPBACK).page("GET", "/v1/models", headers=shown).error
        scene.report.check(error == "unauthorized", f"no token: {wrong.replace(TOKEN, 'TOKEN')!r}", error)


def revoked(scene: Scene) -> None:
    """A rule that is taken away counts for connections that are open."""
    report, client = scene.report, scene.client
    DROP_IN.write_text('[[client]]\nuser = "client"\nadmin = true\n')
    scene.root.see("reload")
    watcher, visit, roots = watching(client), client.visit(), watching(scene.root)
    report.check(not visit.attempt("config.get").error, "a rule makes an administrator of a client")
    DROP_IN.unlink()
    scene.root.see("reload")
    watcher.begin("ping", 3)
    watcher.end(3)
    error = visit.attempt("config.get").error
    report.check(error == "forbidden", "once the rule is gone, the same connection may no more", error)
    scene.other.attempt("chat", **scene.other.body())
    read_until(roots, scene.other.name)
    client.attempt("chat", **client.body())
    seen = read_until(watcher, client.name)
    report.check(seen == {"client"}, "and its watch shows its own alone", seen)


# What is not said over the socket: words for others' eyes, files and processes.

def forging(scene: Scene) -> None:
    """A model and a label of a client's, in the journal, in metrics and on a terminal."""
    report, client = scene.report, scene.client
    answer = client.attempt("chat", **client.body(EVIL_MODEL, promptd={"label": EVIL_LABEL}))
    request = answer.result["promptd"]["request"]
    entries = json_journal(f"PROMPTD_REQUEST={request}")
    fields = [[entry[name] for name in ("MESSAGE", "PROMPTD_CLIENT", "PROMPTD_LABEL")] for entry in entries]
    report.check(fields == [["call ended", "client", EVIL_LABEL]],
                 "a label in the journal is one field", entries)
    page = client.visit().page("GET", "/metrics").text.splitlines()
    report.check(page.count("# EOF") == 1 and not any(text.startswith("forged") for text in page),
                 "a model in metrics is one label", [text for text in page if "forged" in text])
    client.attempt("job.submit", **client.body(EVIL_MODEL))
    client.visit().begin("chat", **client.body("sandbox/slow?" + EVIL_MODEL))
    wait_until(lambda: "slow?sandbox" in json.dumps(scene.root.see("queue.list")))
    for words in ("queue list", "job list", "cache list --limit 0", "usage --by model,label",
                  "usage --csv --by model,label", "metrics", f"log -n 100 --request {request}"):
        command = f"env NO_COLOR=1 TERM=dumb promptctl {words}"
        result = run("script", "--quiet", "--return", "--command", command, "/dev/null")
        report.check("]0;x" in result.stdout and not {"\x1b", "\x07"} & set(result.stdout),
                     f"on a terminal, promptctl {words.replace(request, 'REQUEST')} steers nothing",
                     repr(result.stdout[-1000:]))


def impostor(scene: Scene) -> None:
    """What listens in /tmp where another's own daemon would is not asked by that other."""
    client = pwd.getpwnam("client")
    for user in ("client", "admin", "root"):
        folder = f"/tmp/promptd-{pwd.getpwnam(user).pw_uid}"
        with subprocess.Popen(
            [sys.executable, "-c", IMPOSTOR, folder], user=client.pw_uid, group=client.pw_gid,
            extra_groups=[], text=True, stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            ready = process.stdout.readline()
            said = run("env", "-i", "promptctl", "ping", "--json", user=user).stdout
            process.kill()
            caught = process.stdout.read()
        shutil.rmtree(folder)
        asked = "its own" if caught else "the system's" if f'"pid":{property_of("MainPID")}' in said else "no"
        expected = "its own" if user == "client" else "the system's"
        scene.report.check(ready == "listens\n" and asked == expected,
                           f"with a daemon of client's in /tmp, promptctl of {user} asks {expected}",
                           (ready, said, caught))


def files(scene: Scene) -> None:
    """What a client can do to the service from outside."""
    pid, report = property_of("MainPID"), scene.report
    credentials = "/run/credentials/promptd.service"
    for path in (
        "/var/cache/promptd", "/var/cache/promptd/cache.sqlite", "/var/lib/promptd",
        "/var/lib/promptd/state.sqlite", "/etc/promptd/keys.d", "/etc/promptd/keys.d/idle",
        credentials, f"{credentials}/keys_idle", f"/proc/{pid}/environ", f"/proc/{pid}/fd",
    ):
        words = ("ls", path) if Path(path).is_dir() else ("wc", "--bytes", path)
        codes = [run(*words, user=user).returncode for user in ("root", "client")]
        report.check(codes[0] == 0 and codes[1] != 0,
                     f"root reads {path.replace(pid, 'PID')}, and a client does not", codes)
    for text in (
        f"head --bytes=1 /proc/{pid}/mem", f"kill -HUP {pid}", f"kill -STOP {pid}",
        "rm /run/promptd/promptd.sock", "touch /run/promptd/mine", "mv /run/promptd /run/mine",
        "touch /etc/promptd/conf.d/mine.toml", "systemctl --no-ask-password reload promptd.service",
        "systemctl --no-ask-password stop promptd.socket",
    ):
        result = run(*text.split(), user="client")
        report.check(result.returncode != 0, f"a client may not: {text.replace(pid, 'PID')}", result.stdout)
    said = [run("journalctl", "--no-pager", "--unit=promptd.service", user=user).stdout
            for user in ("root", "client")]
    report.check(["call ended" in text for text in said] == [True, False],
                 "root reads the service's journal, and a client does not", said[1][:1000])
