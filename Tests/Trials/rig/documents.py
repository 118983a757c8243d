"""What docs/protocol.md promises."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"


@dataclass(frozen=True)
class ErrorKind:
    """A row of the table of errors; `status` is None where the upstream's own may stand."""

    code: int
    status: int
    may_differ: bool


def errors() -> dict[str, ErrorKind]:
    """The table of errors, by name."""
    rows = re.findall(r"^\| (-32\d{3}) \| `(\w+)` \| ([^|]*?)(\d{3}) \|", PROTOCOL.read_text(), re.M)
    return {name: ErrorKind(int(code), int(status), bool(before)) for code, name, before, status in rows}


ERRORS = errors()


def error_of(reply: dict[str, Any]) -> str | None:
    """The name of the error that a line is, None for an answer; raises ValueError for what is no reply
    of a documented kind."""
    reply_error = reply.get("error")
    if reply_error is None:
        result = reply.get("result", reply)
        if "jsonrpc" in reply and "result" not in reply or not isinstance(result, dict):
            raise ValueError(f"no reply: {str(reply)[:300]}")
        return None
    is_call = "jsonrpc" in reply
    name = reply_error.get("data", {}).get("type") if is_call else reply_error.get("type")
    if name not in ERRORS:
        raise ValueError(f"an error of no documented kind: {str(reply)[:300]}")
    if is_call and reply_error["code"] != ERRORS[name].code:
        raise ValueError(f"{name} with the code {reply_error['code']}")
    if not isinstance(reply_error.get("message"), str) or not reply_error["message"]:
        raise ValueError(f"{name} without a message")
    return str(name)


def check_status(name: str, status: int) -> None:
    """Raises ValueError for an error with a status that is not its own."""
    kind = ERRORS[name]
    if status != kind.status and not (kind.may_differ and 400 <= status <= 599):
        raise ValueError(f"{name} with the status {status}")
