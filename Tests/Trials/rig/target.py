"""A promptd under attack, and how it does."""

import resource
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness import Connection, wait_until

from .programs import Daemon
from .trial import Trial
from .users import CAN_BE_OTHERS, become


@dataclass
class Target:
    """Where it listens, and who looks at it."""

    trial: Trial
    daemon: Daemon
    loopback: tuple[str, int]
    token: str
    admin: Connection
    # Connections that are there all the time: that of `admin`, and that of the well-behaved client.
    own_connections: int = 2

    @property
    def socket(self) -> str:
        return self.daemon.socket

    @property
    def authorization(self) -> str:
        return f"Authorization: Bearer {self.token}"

    def check(self, holds: object, text: str, seen: object = "") -> None:
        self.trial.check(holds, text, seen)

    def tell(self, text: str) -> None:
        self.trial.tell(text)

    def status(self) -> dict[str, Any]:
        result: dict[str, Any] = self.admin.call("status")["result"]
        return result

    def check_rest(self, limit_s: float = 20) -> None:
        """All that the case had open is gone: connections, calls and bytes."""
        status: dict[str, Any] = {}

        def is_at_rest() -> bool:
            nonlocal status
            status = self.status()
            queue = status["queue"]
            # The well-behaved client may just be asking.
            return bool(
                status["connections"] == self.own_connections
                and queue["running"] <= 1
                and queue["queued"] <= 1
                and status["buffers"]["bytes"] == 0
            )

        if not wait_until(is_at_rest, limit_s):
            self.check(False, "nothing of it stays behind", str(status)[:2000])

    def holds_cached(self, body: dict[str, Any]) -> bool:
        """Whether the cache has an answer to a body."""
        reply = self.admin.call("chat", **{**body, "promptd": {"cache": "only"}})
        return "result" in reply


def as_user(user: int, action: Callable[[], None]) -> None:
    """Does something as another user, if that is possible, in a thread of its own."""
    failure: list[BaseException] = []

    def act() -> None:
        try:
            become(user)
            action()
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def raise_descriptor_limit() -> int:
    """As many descriptors as this process may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


__all__ = ["CAN_BE_OTHERS", "Target", "as_user", "raise_descriptor_limit"]
