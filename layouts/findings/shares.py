"""Share lines: who gained or lost most of the whole between the first and the last complete month."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from queries.frame import Member


def shares(answered: AnsweredPanel) -> str:
    """ "Pallet Handling gained most: from 21.0% in Jan to 25.3% in Oct 2026."."""
    found = dict(moves_of(answered))
    if not found or answered.frame is None:
        return ""
    member = max(found, key=lambda each: (abs(found[each]), each.name))
    if abs(found[member]) < Decimal("0.001"):
        return ""
    t, locale = words(answered.context.locale), answered.context.locale
    points = _points(answered)[member]
    (first, then), (last, now) = points[0], points[-1]
    told = {
        "who": member_text(member, answered.frame.columns[0].level, locale),
        "then": fmt.percent(then, locale),
        "now": fmt.percent(now, locale),
        "first": fmt.time_name(first, locale),
        "last": fmt.time_name(last, locale),
    }
    if found[member] > 0:
        return t("{who} gained most: from {then} in {first} to {now} in {last}.", **told)
    return t("{who} lost most: from {then} in {first} to {now} in {last}.", **told)


def moves_of(answered: AnsweredPanel) -> list[tuple[Member, Decimal]]:
    """Each member's share of the last complete month minus that of the first."""
    return [(member, points[-1][1] - points[0][1]) for member, points in _points(answered).items() if len(points) > 1]


def _points(answered: AnsweredPanel) -> dict[Member, list[tuple[str, Decimal]]]:
    """Each member's months with their share, the running month left out."""
    frame, running = answered.frame, answered.context.today.strftime("%Y-%m")
    found: dict[Member, list[tuple[str, Decimal]]] = {}
    for row in frame.rows if frame is not None else ():
        value = number(row[frame.index("share")]) if frame is not None else None
        if isinstance(row[0], Member) and isinstance(row[1], Member) and value is not None and row[1].key != running:
            found.setdefault(row[0], []).append((row[1].key, Decimal(value)))
    return {member: sorted(points) for member, points in found.items()}
