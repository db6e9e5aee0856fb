"""Data quality: whether what is shown is what was booked."""

from __future__ import annotations

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.columns import number
from queries.frame import Member


def reconciled(answered: AnsweredPanel) -> str:
    """ "All 5 currencies agree to the cent." or which do not; nothing where a difference is not known."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.rows:
        return ""
    at = frame.index("difference")
    if any(number(row[at]) is None for row in frame.rows):
        return ""
    off = tuple(row[0].name for row in frame.rows if isinstance(row[0], Member) and number(row[at]))
    if off:
        return t("What is shown differs from what was booked in {names}.", names=off)
    return t.n("The one currency agrees to the cent.", "All {n} currencies agree to the cent.", len(frame.rows))
