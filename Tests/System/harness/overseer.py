"""How promptd is set up where users are told apart, and root, who looks on."""

from pathlib import Path
from typing import Any, Callable

from .people import Person
from .settings import UPSTREAM, sandboxed
from .shell import configure, restart, wait_until

# Upstreams for the probes alone: one that is paused, so that requests wait there, and one to pause.
HELD, IDLE = "held", "idle"
# Served by the former; its answers come slowly enough to be waited for.
WAITING_MODEL = "sandbox/slow?first_byte_ms=500&tokens_per_s=20"
DROP_IN = Path("/etc/promptd/conf.d/probe.toml")
KEYS = Path("/etc/promptd/keys.d")
LOOPBACK = "127.0.0.1:4891"
# What nobody is to hear, told from other text as a person's secrets are.
TOKEN, KEY = "secret-of-robot-1", "secret-of-upstream-1"


def prepare(rules: str = "", upstreams: str = "") -> None:
    """Has promptd start with upstreams for the probes, a private client, and the client of a token."""
    for name, text in (("tokens", f"{TOKEN} robot\n"), ("idle", KEY + "\n")):
        (KEYS / name).write_text(text)
        (KEYS / name).chmod(0o600)
    configure(f"""\
[[upstream]]
name = "{HELD}"
base_url = "{UPSTREAM}"
auth = "none"
models = ["sandbox/slow*"]
[[upstream]]
name = "{IDLE}"
base_url = "{UPSTREAM}"
api_key_credential = "idle"
models = ["idle/*"]
{upstreams}
{rules}
[[client]]
user = "private"
cache = "private"
[[client]]
name = "robot"
user = "nobody"
[listen]
http = "{LOOPBACK}"
http_tokens_credential = "tokens"
""" + sandboxed(upstream='models = ["sandbox/*"]'))
    restart()


def clear_up() -> None:
    """Has promptd start as the other checks have it."""
    for name in ("tokens", "idle"):
        (KEYS / name).unlink()
    configure(sandboxed())
    restart()


class Overseer(Person):
    """Root, who looks at what came of it, over a connection that stays open."""

    def __init__(self) -> None:
        super().__init__("root")
        self.open = self.visit()
        self.see("queue.pause", upstream=HELD)

    def see(self, method: str, /, **params: Any) -> dict[str, Any]:
        """The result of a call that must succeed."""
        answer = self.open.attempt(method, **params)
        if answer.error:
            raise RuntimeError(f"{method}: {answer.error}: {answer.message}")
        return answer.result

    def requests(self) -> dict[str, str]:
        """What waits for the upstream that is paused, with its class."""
        rows = self.see("queue.list")["rows"]
        return {row["request"]: row["class"] for row in rows if row["model"] == WAITING_MODEL}

    def begun(self, begin: Callable[[], object]) -> str:
        """The request that waits there once something has been begun."""
        known = self.requests().keys()
        begin()
        if not wait_until(lambda: self.requests().keys() - known):
            raise RuntimeError("the request does not wait")
        return (self.requests().keys() - known).pop()

    def state_of(self, upstream: str) -> str:
        """How an upstream does."""
        states: dict[str, str] = {row["name"]: row["state"] for row in self.see("status")["upstreams"]}
        return states[upstream]

    def kept(self, key: str) -> list[dict[str, Any]]:
        """The entries of a key that are on disk."""
        return [entry["params"]["entry"] for entry in self.open.attempt("cache.get", key=key).told]

    def config(self, key: str) -> str | None:
        """The value of a key of the configuration that is in force; None where no file says it."""
        values: dict[str, str] = {row["key"]: row["value"] for row in self.see("config.get")["rows"]}
        return values.get(key)
