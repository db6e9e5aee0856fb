"""Discounts: how often more discount went with more units and with more margin; a count, which proves no effect."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.columns import number
from queries.frame import Frame, Row

SAME = Decimal("0.005")
"""Discount rates that differ by less than half a point are called the same."""


def discounts(answered: AnsweredPanel) -> str:
    """ "Of 9 with half a point more discount than a year before 4 sold more units; of 6 with less, 5 did."."""
    frame = answered.frame
    if frame is None or not frame.rows:
        return ""
    t = words(answered.context.locale)
    more = [row for row in frame.rows if _value(frame, row, "more") >= SAME]
    less = [row for row in frame.rows if _value(frame, row, "more") <= -SAME]
    if not more and not less:
        return t("Nothing is sold with half a point more or less discount than a year before.")
    told = {
        "more": len(more),
        "more_sold": _rising(frame, more, "units"),
        "less": len(less),
        "less_sold": _rising(frame, less, "units"),
    }
    sold = t(
        "Of {more} with half a point more discount than a year before {more_sold} sold more units; of {less} with less"
        " {less_sold} did.",
        **told,
    )
    if not frame.has("margin") or not more:
        return sold
    earned = t(
        "More margin came with more discount in {earned} of {more} cases.",
        earned=_rising(frame, more, "margin"),
        more=len(more),
    )
    return f"{sold} {earned}"


def _rising(frame: Frame, rows: list[Row], column: str) -> int:
    return sum(1 for row in rows if _value(frame, row, column) > 0)


def _value(frame: Frame, row: Row, column: str) -> Decimal:
    return Decimal(number(row[frame.index(column)]) or 0)
