"""How the command line tells things: tables on stdout, notices and progress bars on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

SHOW_AFTER_S = 2.0
"""Work shorter than this needs no bar."""

notices = Console(stderr=True, highlight=False)


def notice(text: str) -> None:
    """A line for the person, not for a program."""
    print(text, file=sys.stderr)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """A callback (what is being done, share done 0 to 1) that draws a bar on a terminal once work takes long."""
    began = time.monotonic()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        console=notices, transient=True,
    )  # fmt: skip
    task = bar.add_task("", total=1.0)
    shown = False

    def report(doing: str, done: float) -> None:
        nonlocal shown
        if not shown and notices.is_terminal and time.monotonic() - began > SHOW_AFTER_S:
            bar.start()
            shown = True
        bar.update(task, description=doing, completed=done)

    try:
        yield report
    finally:
        if shown:
            bar.stop()


def write_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> None:
    """Aligned columns; `right[i]` puts column i to the right, as figures are."""
    sides = [*right, *([False] * (len(header) - len(right)))]
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        parts = [
            cell.rjust(width) if side else cell.ljust(width)
            for cell, width, side in zip(cells, widths, sides, strict=True)
        ]
        return "  ".join(parts).rstrip()

    print(line(header))
    print("  ".join("─" * width for width in widths))
    for row in rows:
        print(line(row))
