"""What a trial is given."""

from dataclasses import dataclass

from harness import Report

from .programs import Programs


@dataclass
class Trial:
    """Where the programs are, whom to tell, and how much of a trial to run."""

    programs: Programs
    report: Report
    # 1.0 for all of it, as docs/reliability.md has the figures; less for a quick look.
    share: float

    def scaled(self, number: int, least: int = 1) -> int:
        """That many rounds of a full run."""
        return max(least, round(number * self.share))

    def check(self, holds: object, text: str, seen: object = "") -> None:
        self.report.check(holds, text, seen)

    def tell(self, text: str) -> None:
        self.report.tell(text)
