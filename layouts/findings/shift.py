"""Shift: which buyers' purchases moved most, between two quarters of the same season."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from queries.frame import Column, Frame, Member

OTHERS = "("
"""What the keys of members begin with that stand for several."""


@dataclass(frozen=True)
class Move:
    """From which share in which quarter to which share in which."""

    who: Member
    what: Member
    first: Column
    then: Decimal
    last: Column
    now: Decimal


def season(frame: Frame) -> tuple[Column, Column] | None:
    """The last quarter and the earliest of the same season, or the first of all in less than two years."""
    quarters = [column for column in frame.columns if column.metric == "share"]
    if len(quarters) < 2:
        return None
    return quarters[(len(quarters) - 1) % 4 if len(quarters) > 4 else 0], quarters[-1]


def largest_move(answered: AnsweredPanel) -> Move | None:
    """What moved most, of goods with a name; None where nothing did."""
    frame = answered.frame
    ends = season(frame) if frame is not None else None
    if frame is None or ends is None:
        return None
    moves: list[Move] = []
    for row in frame.rows:
        then, now = (number(row[frame.index(each.id)]) for each in ends)
        who, what = row[:2]
        if not isinstance(who, Member) or not isinstance(what, Member) or what.key.startswith(OTHERS):
            continue
        if then is not None and now is not None:
            moves.append(Move(who, what, ends[0], Decimal(then), ends[1], Decimal(now)))
    found = max(moves, key=lambda each: abs(each.now - each.then), default=None)
    return found if found is not None and abs(found.now - found.then) >= Decimal("0.001") else None


def mix_shift(answered: AnsweredPanel) -> str:
    """ "Enterprise moved most: Storage & Racking from 21.0% in Q3 2024 to 30.2% in Q3 2026."."""
    move, frame, locale = largest_move(answered), answered.frame, answered.context.locale
    t = words(locale)
    if frame is None or move is None:
        return t("No share moved between these quarters.") if frame is not None else ""
    return t(
        "{who} moved most: {what} from {then} in {first} to {now} in {last}.",
        who=member_text(move.who, frame.columns[0].level, locale),
        what=member_text(move.what, frame.columns[1].level, locale),
        then=fmt.percent(move.then, locale),
        first=fmt.time_name(move.first.id, locale),
        now=fmt.percent(move.now, locale),
        last=fmt.time_name(move.last.id, locale),
    )
