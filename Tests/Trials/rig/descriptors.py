"""Which descriptors a process has."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Descriptors:
    """Those of connections, and all others: files, and what the kernel makes for waiting."""

    sockets: int
    others: int

    @property
    def count(self) -> int:
        return self.sockets + self.others


def descriptors(pid: int) -> Descriptors:
    """Those of a process at this moment."""
    sockets = others = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            is_socket = os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
        except FileNotFoundError:
            continue  # closed since
        sockets, others = sockets + is_socket, others + (not is_socket)
    return Descriptors(sockets, others)
