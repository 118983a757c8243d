"""Figures of what was measured."""

from collections.abc import Sequence

MIB = 1 << 20


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of all is not above; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def spread(seconds: Sequence[float]) -> str:
    """p50, p99 and the longest, in milliseconds."""
    p50, p99, longest = (1000 * percentile(seconds, share) for share in (0.5, 0.99, 1.0))
    return f"{len(seconds)} asked, p50 {p50:.2f} ms, p99 {p99:.1f} ms, longest {longest:.0f} ms"


def mib(count: int) -> str:
    return f"{count / MIB:.0f} MiB"
