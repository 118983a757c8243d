"""Two promptds start at once, over what a killed one left, again and again: one serves, the other ends."""

from collections import Counter
from contextlib import ExitStack

from rig import Daemon, Folder, Sandbox, Trial, configure
from harness import line


def run(trial: Trial) -> None:
    rounds = trial.scaled(200, least=5)
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    with Folder() as folder, ExitStack() as stack:
        configure(folder)
        sandbox = Sandbox(trial.programs, folder)
        stack.callback(sandbox.stop)
        for number in range(rounds):
            both = [Daemon(trial.programs, folder, wait=False) for _ in range(2)]
            for daemon in both:
                stack.callback(leave_none, daemon)
            ready = [daemon.await_ready() for daemon in both]
            codes = [None if is_ready else daemon.process.wait(60) for daemon, is_ready in zip(both, ready)]
            if sorted(ready) != [False, True]:
                wrong.append(f"round {number}: ready {ready}, ended {codes}")
            else:
                connection = both[ready.index(True)].connect()
                reply = connection.ask(line())
                connection.close()
                if "choices" not in reply:
                    wrong.append(f"round {number}: {reply}")
            outcomes.update(str(code) for code in codes if code is not None)
            for daemon, is_ready in zip(both, ready):
                # Every other time the next two find what a killed one left.
                if is_ready and number % 2:
                    daemon.kill()
                elif is_ready:
                    daemon.end()
        trial.check(not wrong, f"in each of {rounds} rounds exactly one serves", "\n".join(wrong))
        trial.check(set(outcomes) == {"69"}, "the others end as unavailable (69)", dict(outcomes))


def leave_none(daemon: Daemon) -> None:
    if daemon.is_alive():
        daemon.kill()
