"""The configuration that the checks begin with."""

import textwrap
from pathlib import Path

# Where check 1 has the sandbox listen.
UPSTREAM = "http://127.0.0.1:8901/v1"


def sandboxed(more: str = "", upstream: str = "", queue: str = "", log: str = "") -> str:
    """The sandbox as the one upstream; lines of its table, of others', and more tables."""
    return textwrap.dedent("""\
        [log]
        {log}
        [cache]
        keep_sandbox = true
        [queue]
        {queue}
        [[upstream]]
        name = "sandbox"
        base_url = "{url}"
        auth = "none"
        {upstream}
        {more}
        """).format(url=UPSTREAM, upstream=upstream, queue=queue, log=log, more=more)


def drop_in(name: str, text: str | None) -> None:
    """Writes a drop-in of the service, or takes it away; takes effect with the next restart."""
    folder = Path("/etc/systemd/system/promptd.service.d")
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.conf"
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(text)
