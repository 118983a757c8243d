"""What the sandbox can do wrong, all of it at once, and how a request for it may end."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

ANSWER = "answer"
# What may be said to anybody where slots are few and upstreams fail.
ALWAYS = {"queue_full", "deadline_exceeded"}

JSON_OBJECT = {"response_format": {"type": "json_object"}}
TOOLS = {"tools": [{"type": "function", "function": {
    "name": "look", "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}}]}


@dataclass(frozen=True)
class Fault:
    """A model of the sandbox, or what else may be wrong with a request."""

    model: str
    # `ANSWER` and names of errors, beside those that may always be.
    ends: frozenset[str]
    # Whether the cache keeps an answer of it: for certain, never, or it depends on what came.
    kept: bool | None
    members: dict[str, Any] = field(default_factory=dict)
    # Asked for as a stream alone, or not as one; None where both are.
    streams: bool | None = None
    # What an answer says is what was asked.
    echoes: bool = False

    @property
    def may_answer(self) -> bool:
        return ANSWER in self.ends


def _good(model: str, **more: Any) -> Fault:
    return Fault(model, frozenset({ANSWER}), True, echoes=True, **more)


def _bad(model: str, *names: str, **more: Any) -> Fault:
    return Fault(model, frozenset(names), False, **more)


def _flawed(kind: str, **members: Any) -> Fault:
    return Fault(f"sandbox/flawed?kind={kind}", frozenset({ANSWER}), False, members)


def _passing(model: str) -> Fault:
    """Goes wrong at first. Tries may be used up by chance, or by the budget for them."""
    names = {ANSWER, "upstream_error", "upstream_unreachable", "stream_interrupted"}
    return Fault(model, frozenset(names), None, echoes=True)


REFUSING = (400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 501, 502, 503, 504, 529, 599)

GOOD = [
    _good("sandbox/echo"),
    _good("sandbox/slow?first_byte_ms=30"),
    _good("sandbox/slow?first_byte_ms=20&tokens_per_s=200"),
    _good("sandbox/trickle"),
    Fault("sandbox/huge?bytes=65536", frozenset({ANSWER}), True),
    Fault("sandbox/huge?bytes=1048576", frozenset({ANSWER}), True),
    # More than `cache.max_entry`.
    Fault("sandbox/huge?bytes=5242880", frozenset({ANSWER}), False),
]

BAD = [
    # More than `max_response`.
    _bad("sandbox/huge?bytes=16777216", "too_large", "stream_interrupted"),
    # Longer than `first_byte`, and between bytes than `idle`.
    _bad("sandbox/slow?first_byte_ms=60000", "deadline_exceeded"),
    _bad("sandbox/slow?first_byte_ms=1&tokens_per_s=0.5", "deadline_exceeded", "stream_interrupted",
         members={"max_tokens": 9}),
    _bad("sandbox/silent", "deadline_exceeded"),
    _bad("sandbox/garbage", "upstream_error"),
    *(_bad(f"sandbox/status?code={code}", "upstream_error") for code in REFUSING),
    _bad("sandbox/status?code=429&retry_after_ms=150", "upstream_error"),
    _bad("sandbox/status?code=429&retry_after=1", "upstream_error"),
    _bad("sandbox/status?code=200", "upstream_error"),
    *(_bad(f"sandbox/cut?after={after}", "stream_interrupted", "upstream_unreachable")
      for after in (0, 1, 2, 5, 1000)),
    *(_bad(f"sandbox/error-frame?code={code}&after={after}", "upstream_error", "stream_interrupted")
      for code in (400, 429, 500, 503) for after in (0, 1, 3)),
    _bad("sandbox/flawed?kind=undone", "stream_interrupted", streams=True),
    _bad("gone/model", "upstream_unreachable"),
    _bad("other/model", "no_upstream"),
    _bad("sandbox/echo", "invalid_params", members={"temperature": 9}),
    _bad("sandbox/echo", "invalid_params", members={"promptd": {"cahce": "use"}}),
]

FLAWED = [
    _flawed("short", max_tokens=50),
    _flawed("filtered"),
    _flawed("empty"),
    _flawed("few", n=3),
    _flawed("prose", **JSON_OBJECT),
    _flawed("arguments", **TOOLS),
]

PASSING = [
    _passing("sandbox/status?code=500&times=1"),
    _passing("sandbox/status?code=503&times=2"),
    _passing("sandbox/status?code=429&retry_after_ms=50&times=1"),
    _passing("sandbox/cut?after=0&times=1"),
    _passing("sandbox/cut?after=3&times=1"),
    _passing("sandbox/error-frame?code=503&times=1"),
    _passing("sandbox/silent?times=1"),
    _passing("sandbox/garbage?times=1"),
]

KINDS = [(GOOD, 40), (BAD, 35), (FLAWED, 10), (PASSING, 15)]


@dataclass
class Question:
    """One request: what is wrong with it, and what it says."""

    fault: Fault
    text: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """What the cache tells requests apart by, of all that is asked here."""
        same = {name: value for name, value in self.body.items() if name not in ("stream", "promptd")}
        return json.dumps(same)

    @property
    def streams(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def must_be_kept(self) -> bool:
        """An answer to it is in the cache from then on."""
        options = self.body.get("promptd", {})
        return self.fault.kept is True and options.get("cache") != "bypass" and "ttl" not in options

    def line(self) -> str:
        return json.dumps(self.body)

    def call(self, number: int | str) -> str:
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": "chat", "params": self.body})


def question(chance: random.Random, kinds: list[tuple[list[Fault], int]] = KINDS) -> Question:
    """Any of them; some are asked by many at once."""
    faults, = chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
    fault = chance.choice(faults)
    if chance.random() < 0.2:
        text = f"asked by many, {chance.randrange(4)}"
    else:
        text = " ".join(f"{chance.getrandbits(32):08x}" for _ in range(chance.randint(1, 12)))
    if "promptd" in fault.members:
        text += " and refused"  # not in the cache, unlike what others ask
    body = {"model": fault.model, "messages": [{"role": "user", "content": text}], **fault.members}
    if fault.streams or (fault.streams is None and chance.random() < 0.5):
        body["stream"] = True
    if "promptd" not in body and (options := _options(chance)):
        body["promptd"] = options
    return Question(fault, text, body)


def _options(chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if chance.random() < 0.5:
        options["priority"] = chance.choice(["idle", "low", "normal", "high", "urgent"])
    if chance.random() < 0.2:
        options["timeout"] = chance.choice([0.0, 0.05, 0.3, 1, 4])
    if chance.random() < 0.2:
        options["max_wait"] = chance.choice([0.0, 0.05, 0.5, 2])
    if chance.random() < 0.2:
        options["cache"] = chance.choice(["use", "refresh", "bypass"])
    if chance.random() < 0.1:
        options["ttl"] = chance.choice([0, 0.2, 3600])
    if chance.random() < 0.1:
        options["label"] = "trial"
    return options
