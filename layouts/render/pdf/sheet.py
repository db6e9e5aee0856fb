"""Sheet: a paper or a picture, how large a pixel of the screen is on it, and which panels stand beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.values.template import Template
from layouts.answered import AnsweredPanel
from layouts.marks import Card

GAP, PAD = 12.0, 14.0
"""Pixels between panels, and inside one to what it shows."""

TWELFTHS = 12

POINTS = 72 / 25.4
"""Of a millimetre."""

SIZES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Millimetres, upright."""

SIDE, TOP, BOTTOM = 12.0, 15.0, 12.0
"""Millimetres of the margins; the head and the foot of a page stand in them."""

UNITS = {"landscape": 0.64, "portrait": 0.6}
"""Points of a pixel on paper: upright paper holds two pictures beside one another if it writes a little smaller."""

SCREEN = 0.75
"""Points of a pixel of a picture."""

NARROWEST = 5
"""Twelfths of upright paper in which a picture can still be read."""

CARDS = {"landscape": 8, "portrait": 4}
"""Cards that stand beside one another."""

FEWEST_CARDS = {"landscape": 4, "portrait": 3}
"""Cards that share a row of paper; fewer are no wider."""

Row = tuple[AnsweredPanel, ...]


@dataclass(frozen=True)
class Sheet:
    """`unit` points are a pixel, `wide` pixels the width that panels share. `paper` is None for a picture."""

    unit: float
    wide: float
    turn: str = "landscape"
    paper: dict[str, float] | None = None


def paper(template: Template) -> Sheet:
    """The paper of a template."""
    width, height = SIZES[template.size]
    if template.turn == "landscape":
        width, height = height, width
    unit = UNITS[template.turn]
    measures = {"width": width, "height": height, "side": SIDE, "top": TOP, "bottom": BOTTOM}
    points = {name: round(measure * POINTS, 2) for name, measure in measures.items()}
    return Sheet(unit, round((points["width"] - 2 * points["side"]) / unit, 2), template.turn, points)


def picture(width: float) -> Sheet:
    """A picture whose panels share `width` pixels."""
    return Sheet(SCREEN, width)


def widths(row: Row, sheet: Sheet) -> list[float]:
    """Pixels of each panel of a row."""
    if isinstance(row[0].mark, Card):
        most = max(len(row), FEWEST_CARDS[sheet.turn] if sheet.paper is not None else 1)
        return [(sheet.wide - GAP * (most - 1)) / most] * len(row)
    free, whole = sheet.wide - GAP * (len(row) - 1), sum(each.panel.width for each in row)
    return [free * each.panel.width / whole for each in row]


def in_rows(panels: Sequence[AnsweredPanel], order: Sequence[str], sheet: Sheet) -> list[Row]:
    """Panels beside one another as on the dashboard, those first that `order` names."""
    first = sorted((each for each in panels if each.panel.id in order), key=lambda each: order.index(each.panel.id))
    rest = [each for each in panels if each.panel.id not in order]
    return [part for some in (first, rest) for row in _packed(some) for part in _broken(row, sheet)]


def _packed(panels: Sequence[AnsweredPanel]) -> list[Row]:
    """Panels one after another in rows of twelve twelfths, cards in rows of their own: as dashboards are laid out."""
    rows: list[list[AnsweredPanel]] = []
    for each in panels:
        if rows and _fits(rows[-1], each):
            rows[-1].append(each)
        else:
            rows.append([each])
    return [tuple(row) for row in rows]


def _fits(row: Sequence[AnsweredPanel], answered: AnsweredPanel) -> bool:
    cards = [isinstance(each.mark, Card) for each in (*row, answered)]
    return all(cards) or (not any(cards) and sum(each.panel.width for each in (*row, answered)) <= TWELFTHS)


def _broken(row: Row, sheet: Sheet) -> list[Row]:
    """A row as several where it is too much for the sheet."""
    if isinstance(row[0].mark, Card):
        return _evenly(row, -(-len(row) // CARDS[sheet.turn]))
    if sheet.turn == "landscape" or min(each.panel.width for each in row) >= NARROWEST:
        return [row]
    return [row[at : at + 2] for at in range(0, len(row), 2)] if _is_even(row) else [(each,) for each in row]


def _is_even(row: Row) -> bool:
    return len({each.panel.width for each in row}) == 1


def _evenly(row: Row, parts: int) -> list[Row]:
    """As many rows, none with more than one panel more than another."""
    size, more = divmod(len(row), parts)
    ends = [(at + 1) * size + min(at + 1, more) for at in range(parts)]
    return [row[start:end] for start, end in zip([0, *ends], ends, strict=False)]
