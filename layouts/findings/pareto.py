"""Pareto: how few make most of it."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import level_name, member_text, number
from queries.frame import Frame, Member


def pareto(answered: AnsweredPanel) -> str:
    """ "The ten largest products make 41% of the total; Pump P1 alone makes 8%."."""
    frame, dimension = answered.frame, answered.dimension
    if frame is None or dimension is None or not frame.rows:
        return ""
    t, locale = words(answered.context.locale), answered.context.locale
    single = [row for row in frame.rows if isinstance(row[0], Member)]
    first, running = _share(frame, 0, "share"), _share(frame, len(single) - 1, "cumulative")
    if not single or first is None or running is None:
        return ""
    told = {
        "who": member_text(single[0][0], dimension.level, locale),
        "first": _text(first, locale),
        "running": _text(running, locale),
        "count": len(single),
        "level": level_name(dimension.level or "", plural=True),
    }
    if len(single) == len(frame.rows):
        return t("{who} leads with {first} of the total.", **told)
    return t("The {count} largest {level} make {running} of the total; {who} alone makes {first}.", **told)


def _share(frame: Frame, row: int, column_id: str) -> Decimal | None:
    value = number(frame.rows[row][frame.index(column_id)]) if row >= 0 else None
    return None if value is None else Decimal(value)


def _text(share: Decimal, locale: str) -> str:
    return fmt.percent(share, locale, 0 if share >= Decimal("0.1") else 1)
