"""Tries to break the release programs: python3 Tests/Trials/run.py [--share N] PROGRAMS [TRIAL…].

A trial is a module of this folder, trial_NAME.py, with a function `run(trial)`; its docstring says what it
tries. Without names all of them run, the soak last.
"""

import argparse
import importlib
import random
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
# The plain client and the report are those of the tests of an installed promptd.
sys.path.insert(0, str(HERE.parent / "System"))

from harness import Report  # noqa: E402
from rig import Programs, Trial  # noqa: E402


def main() -> int:
    names = sorted(path.stem.removeprefix("trial_") for path in HERE.glob("trial_*.py"))
    names.sort(key=lambda name: name == "soak")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the rounds of a full run, 1 unless said")
    parser.add_argument("--seed", type=int, help="of all that is random, to see a run again")
    parser.add_argument("programs", type=Path, help="the folder with promptd")
    parser.add_argument("trials", nargs="*", metavar="trial", help=", ".join(names))
    options = parser.parse_args()
    if unknown := set(options.trials) - set(names):
        parser.error(f"there is no trial {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    report = Report()
    programs = Programs(options.programs)
    for name in options.trials or names:
        module = importlib.import_module(f"trial_{name}")
        report.heading(f"{name}: {(module.__doc__ or '').splitlines()[0]} (seed {seed})")
        random.seed(seed)
        began = time.monotonic()
        try:
            module.run(Trial(programs, report, options.share))
        except Exception:
            report.check(False, "the trial came to its end", traceback.format_exc())
        report.tell(f"{time.monotonic() - began:.0f} s")
    print(f"\ntrials: {report.failures} failed", flush=True)
    return 1 if report.failures else 0


sys.exit(main())
