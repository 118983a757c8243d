"""Runs every test of this folder; the last line has the count."""

import signal
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).parent


class Result(unittest.TextTestResult):
    """Counts failed tests one by one, where unittest counts each failed part of a test."""

    def failed(self) -> int:
        cases = [getattr(case, "test_case", case) for case, _ in self.failures + self.errors]
        return len(set(cases)) + len(self.unexpectedSuccesses)


def main() -> int:
    # So that a run that is stopped ends its programs, as one does that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    suite = unittest.defaultTestLoader.discover(str(HERE), top_level_dir=str(HERE))
    result = unittest.TextTestRunner(resultclass=Result).run(suite)
    failed, skipped = result.failed(), len(result.skipped)
    passed = max(0, result.testsRun - failed - skipped)
    more = f", {skipped} skipped" if skipped else ""
    print(f"sdk-test: {passed} passed, {failed} failed{more}", flush=True)
    return 0 if passed and result.wasSuccessful() else 1


sys.exit(main())
