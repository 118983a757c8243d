"""What each method does for somebody with what is somebody's, in a word: see check 11.

A probe is run as a user, at what is another's or its own. Its word is the name of the error, or what was
done or shown; who cannot connect gets no further than the first connection.
"""

import json
from dataclasses import dataclass
from typing import Any, Callable

from .overseer import DROP_IN, HELD, IDLE, WAITING_MODEL, Overseer
from .people import Answer, Person, Visit
from .shell import wait_until


@dataclass
class Case:
    """Who tries a row of the matrix at what is whose, and things that are the owner's."""

    row: str
    me: Person
    owner: Person
    # Somebody else.
    stranger: Person
    root: Overseer

    def waiting(self) -> tuple[Visit, str]:
        """A request that waits, and the connection that it came over."""
        visit = self.owner.visit()
        return visit, self.root.begun(lambda: visit.begin("chat", **self.owner.body(WAITING_MODEL)))

    def stored(self) -> tuple[dict[str, Any], str]:
        """A body that has been answered, and the key of its answer, which is on disk."""
        body = self.owner.body()
        key = self.owner.attempt("chat", **body).result["promptd"]["key"]
        if not wait_until(lambda: self.root.kept(key)):
            raise RuntimeError("the answer does not get to the disk")
        return body, key

    def whose(self, clients: set[str | None]) -> str:
        """Whether something is about one's own alone, or about everybody."""
        if clients == {self.me.name}:
            return "own"
        return "all" if {self.me.name, self.stranger.name} <= clients else f"of {clients}"


Probe = Callable[[Case], str]
PROBES: dict[str, Probe] = {}


def probe(*rows: str) -> Callable[[Probe], Probe]:
    """Has a function probe these rows."""
    def register(body: Probe) -> Probe:
        PROBES.update(dict.fromkeys(rows, body))
        return body
    return register


def agreed(answer: Answer, done: object, word: str) -> str:
    """What was said, and also what was done where that is something else."""
    said = answer.error or word
    return said if bool(done) != bool(answer.error) else f"{said}, but {'done' if done else 'not done'}"


def submitted(person: Person, **members: Any) -> str:
    """A job of somebody's that waits."""
    return str(person.attempt("job.submit", **person.body(WAITING_MODEL, **members)).result["job"])


def text_of(body: dict[str, Any]) -> str:
    """The secret in a body."""
    return str(body["messages"][0]["content"])


# What is the same for everybody.

@probe("ping")
def ping(it: Case) -> str:
    answer = it.me.attempt("ping")
    return agreed(answer, answer.result.get("client") == it.me.name, "itself")


@probe("status")
def status(it: Case) -> str:
    answer = it.me.attempt("status")
    names = {row["name"] for row in answer.result.get("clients", [])}
    return agreed(answer, it.owner.name in names and "queue" in answer.result, "counts")


@probe("cache.stats")
def cache_stats(it: Case) -> str:
    answer = it.me.attempt("cache.stats")
    return agreed(answer, {"memory", "disk", "hits", "saved_by_client"} <= answer.result.keys(), "counts")


@probe("metrics")
def metrics(it: Case) -> str:
    answer = it.me.attempt("metrics")
    return agreed(answer, f'client="{it.owner.name}"' in answer.result.get("openmetrics", ""), "counts")


@probe("models")
def models(it: Case) -> str:
    answer = it.me.attempt("models")
    return agreed(answer, answer.result.get("data"), "listed")


@probe("queue.list")
def queue_list(it: Case) -> str:
    _, request = it.waiting()
    answer = it.me.attempt("queue.list")
    rows = [row for row in answer.result.get("rows", []) if row["request"] == request]
    documented = {
        "request", "client", "model", "class", "state", "waited_ms", "position", "eta_ms", "tokens"}
    return agreed(answer, rows and rows[0].keys() <= documented, "rows")


# Asking, and the cache.

@probe("chat")
def chat(it: Case) -> str:
    body, _ = it.stored()
    answer = it.me.attempt("chat", **body)
    return answer.error or str(answer.result["promptd"]["cache"])


@probe("cache.explain")
def explain(it: Case) -> str:
    body, _ = it.stored()
    answer = it.me.attempt("cache.explain", **body)
    return answer.error or str(answer.result["outcome"])


@probe("cache.explain/variant")
def explain_variant(it: Case) -> str:
    body, key = it.stored()
    return nearest(it.me.attempt("cache.explain", **body, temperature=0.5), key)


@probe("cache.explain/key")
def explain_key(it: Case) -> str:
    it.stored()
    return nearest(it.me.attempt("cache.explain", **it.me.body()))


def nearest(answer: Answer, key: str | None = None) -> str:
    """Whether an entry is named, which must have the key where that is told."""
    found = answer.result.get("nearest")
    if answer.error or found is None:
        return answer.error or "none"
    return "nearest" if key in (None, found["key"]) else "another"


@probe("cache.list", "cache.export")
def cache_list(it: Case) -> str:
    body, key = it.stored()
    answer = it.me.attempt(it.row, client=it.owner.name)
    entries = [told["params"]["entry"] for told in answer.told]
    texts = [json.dumps(entry) for entry in entries if entry["key"] == key]
    return agreed(answer, texts, "whole" if text_of(body) in "".join(texts) else "entries")


@probe("cache.get")
def cache_get(it: Case) -> str:
    body, key = it.stored()
    answer = it.me.attempt("cache.get", key=key)
    return agreed(answer, text_of(body) in json.dumps(answer.told), "whole")


@probe("cache.purge")
def cache_purge(it: Case) -> str:
    _, key = it.stored()
    answer = it.me.attempt("cache.purge", key=key)
    return agreed(answer, not it.root.kept(key), "purged")


@probe("cache.import")
def cache_import(it: Case) -> str:
    body, key = it.stored()
    entry = it.root.kept(key)[0]
    entry["answer"]["choices"][0]["message"]["content"] = "forged"
    answer = it.me.attempt("cache.import", entries=[entry])
    given = it.owner.attempt("chat", **body).result["choices"][0]["message"]["content"]
    return agreed(answer, given == "forged", "imported")


@probe("cache.verify")
def cache_verify(it: Case) -> str:
    answer = it.me.attempt("cache.verify")
    return agreed(answer, "checked" in answer.result, "checked")


# The queue.

@probe("chat.cancel", "queue.cancel")
def cancel(it: Case) -> str:
    visit, request = it.waiting()
    answer = it.me.attempt(it.row, request=request)
    return agreed(answer, request not in it.root.requests() and visit.end().error == "cancelled", "cancelled")


@probe("queue.move")
def queue_move(it: Case) -> str:
    _, request = it.waiting()
    answer = it.me.attempt("queue.move", request=request, priority="urgent")
    now = it.root.requests()[request]
    return agreed(answer, now != "normal", f"to {now}")


@probe("queue.pause")
def queue_pause(it: Case) -> str:
    answer = it.me.attempt("queue.pause", upstream=IDLE)
    done = it.root.state_of(IDLE) == "paused"
    it.root.see("queue.resume", upstream=IDLE)
    return agreed(answer, done, "paused")


@probe("queue.resume")
def queue_resume(it: Case) -> str:
    it.root.see("queue.pause", upstream=IDLE)
    answer = it.me.attempt("queue.resume", upstream=IDLE)
    done = it.root.state_of(IDLE) == "serving"
    it.root.see("queue.resume", upstream=IDLE)
    return agreed(answer, done, "resumed")


# Jobs.

@probe("job.submit")
def job_submit(it: Case) -> str:
    """Whether a second submission under the same key is the first one."""
    body = it.owner.body(WAITING_MODEL, promptd={"idempotency_key": it.owner.secret()})
    first = it.owner.attempt("job.submit", **body).result["job"]
    answer = it.me.attempt("job.submit", **body)
    jobs = {first, answer.result.get("job", first)}
    for name in jobs:
        it.root.see("job.cancel", job=name)
    return answer.error or ("same job" if len(jobs) == 1 else "a new job")


def no_job(answer: Answer) -> Answer:
    """Another's job is none, which the error says."""
    if answer.error == "invalid_params" and answer.message.startswith("there is no job"):
        answer.error = "no job"
    return answer


@probe("job.get")
def job_get(it: Case) -> str:
    body = it.owner.body()
    name = it.owner.attempt("job.submit", **body).result["job"]
    it.owner.attempt("job.wait", job=name)
    answer = no_job(it.me.attempt("job.get", job=name))
    return agreed(answer, text_of(body) in json.dumps(answer.result), "result")


@probe("job.wait")
def job_wait(it: Case) -> str:
    """Waits from before the call begins, so that its pieces come too."""
    name, visit = submitted(it.owner, stream=True), it.me.visit()
    visit.begin("job.wait", job=name)
    it.root.see("queue.resume", upstream=HELD)
    answer = no_job(visit.end())
    it.root.see("queue.pause", upstream=HELD)
    it.root.see("job.cancel", job=name)
    return agreed(answer, answer.told and "result" in answer.result, "pieces")


@probe("job.list")
def job_list(it: Case) -> str:
    for person in (it.me, it.stranger):
        it.root.see("job.cancel", job=submitted(person))
    answer = it.me.attempt("job.list")
    return answer.error or it.whose({row["client"] for row in answer.result["rows"]})


@probe("job.cancel")
def job_cancel(it: Case) -> str:
    name = submitted(it.owner)
    answer = no_job(it.me.attempt("job.cancel", job=name))
    done = it.root.see("job.get", job=name)["state"] == "cancelled"
    it.root.see("job.cancel", job=name)
    return agreed(answer, done, "cancelled")


# Looking on, and steering.

@probe("usage")
def usage(it: Case) -> str:
    for person in (it.me, it.stranger):
        person.attempt("chat", **person.body())
    answer = it.me.attempt("usage", by=["client"])
    return answer.error or it.whose({row["client"] for row in answer.result["rows"]})


@probe("watch")
def watch(it: Case) -> str:
    """What is seen of the log from before another asks until oneself has been answered."""
    mine, roots = watching(it.me), watching(it.root)
    it.stranger.attempt("chat", **it.stranger.body())
    # Whoever watches is told at once of each entry.
    read_until(roots, it.stranger.name)
    roots.close()
    it.me.attempt("chat", **it.me.body())
    return it.whose(read_until(mine, it.me.name))


def watching(person: Person) -> Visit:
    """A connection that watches the log: it has an answer to what was sent after that."""
    visit = person.visit()
    visit.begin("watch", topics=["log"])
    visit.begin("ping", 2)
    visit.end(2)
    return visit


def read_until(visit: Visit, client: str, message: str = "call ended") -> set[str | None]:
    """Whom the entries are about, up to the end of a call of this client's."""
    clients: set[str | None] = set()
    while reply := visit.reply():
        entry = reply["params"]["entry"]
        clients.add(entry.get("client"))
        if entry.get("client") == client and entry["message"] == message:
            return clients
    raise EOFError("the watch ended")


@probe("log.level")
def log_level(it: Case) -> str:
    answer = it.me.attempt("log.level", level="debug")
    done = it.root.see("log.level")["level"] == "debug"
    it.root.see("log.level", level="info")
    return agreed(answer, done, "set")


@probe("config.get")
def config_get(it: Case) -> str:
    answer = it.me.attempt("config.get")
    return agreed(answer, answer.result.get("rows"), "shown")


@probe("reload")
def reload(it: Case) -> str:
    DROP_IN.write_text('[queue]\nmax_wait = "9min"\n')
    answer = it.me.attempt("reload")
    done = it.root.config("queue.max_wait") is not None
    DROP_IN.unlink()
    it.root.see("reload")
    return agreed(answer, done, "reloaded")


# HTTP. A reader may be a connection to the loopback listener, with a token in its headers.

@probe("POST /v1/chat/completions")
def http_chat(it: Case) -> str:
    return posted(it.me.visit(), it.owner)


def posted(visit: Visit, owner: Person, path: str = "/v1/chat/completions", **headers: str) -> str:
    """What the cache has for somebody who asks what the owner has asked."""
    body = json.dumps(owner.body())
    owner.visit().page("POST", path, body)
    page = visit.page("POST", path, body, headers)
    return page.error or page.headers["x-promptd-cache"]


@probe("GET /v1/models", "GET /healthz", "GET /metrics")
def http_get(it: Case) -> str:
    return got(it.me.visit(), it.row)


def got(visit: Visit, row: str, **headers: str) -> str:
    """What a page shows, of those that are no completions."""
    method, path = row.split()
    page = visit.page(method, path, headers=headers)
    if page.status != 200 or not path.endswith(("/models", "/metrics")):
        return page.error or str(page.status)
    if path == "/metrics":
        return "counts" if 'client="' in page.text else "nothing"
    return "listed" if json.loads(page.text)["data"] else "nothing"
