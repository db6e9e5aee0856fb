"""Risks: which of them need somebody, the most pressing first."""

from __future__ import annotations

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.columns import number
from queries.frame import Member


def risks(answered: AnsweredPanel) -> str:
    """ "Margin: falling; key accounts: declining. Budget is fine." in so many words, or that nothing is pressing."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.rows:
        return ""
    at_concern = frame.index("concern")
    rows = sorted(frame.rows, key=lambda row: -int(number(row[at_concern]) or 0))
    pressing = [
        t("{risk} ({state})", risk=row[0].name, state=row[1].name)
        for row in rows
        if number(row[at_concern]) and isinstance(row[0], Member) and isinstance(row[1], Member)
    ]
    if not pressing:
        return t("Nothing is pressing.")
    return t.n(
        "{n} of {count} needs attention: {risks}.",
        "{n} of {count} need attention: {risks}.",
        len(pressing),
        count=len(rows),
        risks=tuple(pressing),
    )
