"""What all benchmarks share: the line about the machine, quantiles, verdicts, and a log that says nothing."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence


class Quiet:
    """A Log for what is measured elsewhere."""

    def info(self, event: str, **fields: object) -> None: ...

    def alarm(self, event: str, **fields: object) -> None: ...


def machine() -> str:
    """Where the figures come from. The load is that of the last minute: well above 0 means others were busy too."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; 0.5 is the median (of an even number, the upper one)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def verdict(promise: str, kept: bool, seen: str) -> bool:
    """Print whether the promise is kept; return kept."""
    print(f"{'kept  ' if kept else 'BROKEN'}  {promise}: {seen}")
    return kept
