"""At the limits of the machine: descriptors, memory, the disk and the clock."""

from rig import Trial
from rig import clockjumps, fewdescriptors, fulldisk, littlememory

CASES = [*fewdescriptors.CASES, *littlememory.CASES, *fulldisk.CASES, *clockjumps.CASES]


def run(trial: Trial) -> None:
    for case in CASES:
        trial.report.heading(f"  {case.__name__}: {case.__doc__}")
        case(trial)
