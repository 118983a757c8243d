"""What the checks of an installed promptd share."""

from .client import Connection, ask, line
from .report import Report
from .settings import drop_in, sandboxed
from .shell import (
    CONFIGURATION, SOCKET, UNIT, configure, journal, json_journal, property_of, restart, run, succeed,
    wait_until)
from .upstream import FakeUpstream

__all__ = [
    "CONFIGURATION", "SOCKET", "UNIT", "Connection", "FakeUpstream", "Report", "ask", "configure",
    "drop_in", "journal", "json_journal", "line", "property_of", "restart", "run", "sandboxed",
    "succeed", "wait_until",
]
