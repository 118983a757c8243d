"""Clients that mean harm, while a well-behaved one is served: every kind of connection that is no good."""

import socket
import time
from collections.abc import Callable, Sequence

from rig import Folder, Trial, configure
from rig import badlines, crowds, dribble, readers, smuggling
from rig.figures import mib, spread
from rig.running import running
from rig.steady import SteadyClient
from rig.target import Target, raise_descriptor_limit
from rig.users import let_all_in

TOKEN = "trial-token-0123456789abcdef"
# How long the well-behaved client may wait at most, while a machine of two cores is busy with all of this;
# for a slot too, where others have all of them for long answers.
LONGEST_HIT_S = 2.0
LONGEST_MISS_S = 10.0
CASES = [*crowds.CASES, *readers.CASES, *dribble.CASES, *smuggling.CASES, *badlines.CASES]


def run(trial: Trial) -> None:
    raise_descriptor_limit()
    with Folder() as folder:
        let_all_in(folder)
        tokens = folder / "tokens"
        tokens.write_text(f"{TOKEN} http\n")
        tokens.chmod(0o600)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        configure(
            folder,
            listen=f'mode = "0666"\nhttp = "127.0.0.1:{port}"\nhttp_tokens_file = "{tokens}"\n'
            f'max_buffered = "256MiB"\nwrite_timeout = "{readers.WRITE_TIMEOUT_S}s"',
            others='[[client]]\nname = "http"\nuser = "65000"',
        )
        with running(trial.programs, folder) as (daemon, _):
            steady = SteadyClient(daemon.socket)
            target = Target(trial, daemon, ("127.0.0.1", port), TOKEN, daemon.connect())
            times = [(case, attack(target, case)) for case in CASES]
            report(trial, steady, times)
            most = daemon.memory("VmHWM")
            trial.check(
                daemon.is_alive() and daemon.end() == 0,
                f"promptd lives on, with {mib(most)} at most, and ends well",
            )


def attack(target: Target, case: Callable[[Target], None]) -> tuple[float, float]:
    """Plays a case; from when to when it went."""
    began = time.monotonic()
    target.trial.report.heading(f"  {case.__name__}: {case.__doc__}")
    try:
        case(target)
    except (OSError, EOFError, ValueError, KeyError) as error:
        target.check(False, f"{case.__name__} came to its end", f"{type(error).__name__}: {error}")
    return began, time.monotonic()


def report(
    trial: Trial, steady: SteadyClient, times: Sequence[tuple[Callable[[Target], None], tuple[float, float]]]
) -> None:
    """How the well-behaved client was served meanwhile."""
    trial.report.heading("  the well-behaved client meanwhile")
    asked, wrong = steady.stop()
    for case, (began, ended) in times:
        mine = [took for at, took, _ in asked if began <= at <= ended]
        trial.tell(f"{case.__name__}: {spread(mine)}")
    trial.check(
        asked and not wrong, f"it had an answer to each of {len(asked)} questions", "\n".join(wrong[:10])
    )
    for is_hit, name, limit in ((True, "hit", LONGEST_HIT_S), (False, "miss", LONGEST_MISS_S)):
        mine = [took for _, took, was_hit in asked if was_hit == is_hit]
        trial.check(
            max(mine) <= limit, f"no {name} took longer than {limit:.0f} s: {spread(mine)}", spread(mine)
        )
