"""Measuring: interleaved samples, medians, and every sample kept."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One figure that an issue names: what was measured and what it has to reach."""

    name: str
    measured: float
    unit: str
    limit: float
    at_most: bool

    @property
    def holds(self) -> bool:
        """Whether the figure is reached."""
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit


@dataclass
class Results:
    """Figures and all their samples (milliseconds) by name."""

    figures: list[Figure] = field(default_factory=list)
    samples: dict[str, list[float]] = field(default_factory=dict)

    def add(
        self, name: str, measured: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Note a figure with its limit."""
        limit = at_most if at_most is not None else at_least
        assert limit is not None
        self.figures.append(Figure(name, measured, unit, limit, at_most is not None))
        print(f"  {name}: {measured:,.2f} {unit}", flush=True)

    def table(self) -> str:
        """Markdown."""
        lines = ["| figure | measured | has to be | holds |", "|---|---:|---:|---|"]
        for f in self.figures:
            sign = "≤" if f.at_most else "≥"
            lines.append(
                f"| {f.name} | {f.measured:,.2f} {f.unit} | {sign} {f.limit:,.2f} | {'yes' if f.holds else '**no**'} |"
            )
        return "\n".join(lines)


MORE = 6
"""What is short is dearer to time than to run: it is run so many times as often."""


def interleaved(
    results: Results,
    runs: int,
    ways: Mapping[str, Callable[[], object]],
    short: Callable[[str], bool] = lambda _name: False,
) -> dict[str, float]:
    """Median milliseconds of each way, run in turns so that noise strikes all alike; one warm-up round is not kept."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for act in ways.values():
        act()
    for _ in range(runs):
        for turn in range(MORE):
            for name, act in ways.items():
                if turn == 0 or short(name):
                    taken[name].append(_timed(act))
    for name, samples in taken.items():
        results.samples.setdefault(name, []).extend(samples)
    return {name: statistics.median(samples) for name, samples in taken.items()}


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
