"""One line for each thing that was looked at."""


class Report:
    """Prints what holds and what does not, and counts the latter."""

    def __init__(self) -> None:
        self.failures = 0

    def heading(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def check(self, holds: object, text: str, seen: object = "") -> None:
        """`seen` is shown where it does not hold."""
        if holds:
            print(f"  ok      {text}", flush=True)
            return
        self.failures += 1
        print(f"  FAILED  {text}", flush=True)
        for line in str(seen).splitlines()[:40]:
            print(f"          {line}", flush=True)

    def tell(self, text: str) -> None:
        """A figure, or what could not be shown."""
        print(f"  --      {text}", flush=True)
