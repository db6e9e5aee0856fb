"""Weighing: how wide the columns of a table have to be, and how small its letters, so that it fits its place."""

from __future__ import annotations

from collections.abc import Sequence

SIZE = 12.0
SMALLEST = 8.5
"""Pixels of a table's letters where there is room, and the least that can still be read."""

LETTER, DIGIT = 0.56, 0.63
"""Width of what is written on average, as a part of its size."""

ROOM = 10.0
"""Pixels between two columns."""

LONGEST = 30
"""Letters of a name that stand on one line; longer ones go on in the next."""


def weighed(
    titles: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], width: float
) -> tuple[float, list[float]]:
    """The size of the letters in pixels, and what each column takes of the width, in pixels at that size.

    A figure is never broken, nor is a word of a heading; a name has up to LONGEST letters on a line. Headings stand on
    one line where all of them can.
    """
    columns = list(zip(titles, ([row[at] for row in rows] for at in range(len(titles))), numeric, strict=True))
    free = max(width - ROOM * len(columns), 1.0)
    needs = [_need(*column, on_one_line=True) for column in columns]
    if sum(needs) * SIZE > free:
        needs = [_need(*column, on_one_line=False) for column in columns]
    size = min(SIZE, max(SMALLEST, free / max(sum(needs), 1.0)))
    return round(size, 2), [round(need * size + ROOM, 1) for need in needs]


def _need(title: str, texts: Sequence[str], is_figure: bool, *, on_one_line: bool) -> float:
    """Widths of a letter's size that a column needs, its heading on one line or on as many as it has words."""
    longest = max((len(text) for text in texts), default=1)
    heading = 0.6 * (len(title) if on_one_line else max((len(word) for word in title.split()), default=1))
    if is_figure:
        return max(longest * DIGIT, heading, 2.5)
    return max(min(longest, LONGEST) * LETTER, heading, 4.0)
