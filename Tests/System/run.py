"""Runs every check of this folder, in order, in a system that was booted for it."""

import importlib
import sys
import time
import traceback
from pathlib import Path

from harness import Report

HERE = Path(__file__).parent


def main() -> int:
    report = Report()
    began = time.monotonic()
    for path in sorted(HERE.glob("check_*.py"), key=lambda path: int(path.stem.split("_")[1])):
        module = importlib.import_module(path.stem)
        report.heading((module.__doc__ or path.stem).splitlines()[0])
        try:
            module.check(report)
        except Exception:
            report.check(False, "the check came to its end", traceback.format_exc())
    took = time.monotonic() - began
    print(f"\nsystem-test: {report.failures} failed, {took:.0f} s", flush=True)
    return 1 if report.failures else 0


sys.exit(main())
