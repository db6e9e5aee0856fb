"""Movers: who and what is behind a change, the largest first, and how ranks moved.

Source: overview "top movers (drivers of change)" of features §4.4, VD-01 and CS-06 (rank change); percent change by
analytics-methods §1.2, standard ranking 1-2-2-4 by §12.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from heapq import nsmallest
from typing import Literal

from app.domain.figures import Compared, share, total
from app.values.errors import Invalid
from app.values.money import EXACT, divide, percent_change

Direction = Literal["both", "up", "down"]


@dataclass(frozen=True)
class Move:
    """A member's change. `percent` is None with a reason code in `reason`, or a fraction.

    `of_change`: its part of the net change (above 1 or negative when others move the other way; None when the net
    change is 0). `of_movement`: its part of all ups and downs taken together, 0 to 1 (None when nothing moved).
    """

    key: str
    now: Decimal
    before: Decimal
    change: Decimal
    percent: Decimal | None
    reason: str | None
    of_change: Decimal | None
    of_movement: Decimal | None


@dataclass(frozen=True)
class Movers:
    """`moves` + `rest` add up to `total`; `rest` stands for `rest_count` members and has an empty key."""

    moves: tuple[Move, ...]
    rest: Move
    rest_count: int
    total: Move


@dataclass(frozen=True)
class Ranked:
    """A member's place by amount, 1 the largest, equals sharing a place (1-2-2-4).

    `moved`: places won since the comparison (negative: lost). A place needs an amount other than 0.
    """

    key: str
    now: Decimal
    rank: int | None
    rank_before: int | None
    moved: int | None


def movers(members: Iterable[Compared], count: int = 8, direction: Direction = "both") -> Movers:
    """The `count` largest changes by size (ties by key), only ups or only downs if asked; the rest in one."""
    if count < 0:
        raise Invalid("A count of movers is not negative.")
    known = list(members)
    with localcontext(EXACT):
        changes = [member.now - member.before for member in known]
        net, movement = total(changes), total(map(abs, changes))
        moving = (at for at, change in enumerate(changes) if _goes(change, direction))
        chosen = nsmallest(count, moving, key=lambda at: (-abs(changes[at]), known[at].key))
        shown = frozenset(chosen)
        rest = [at for at in range(len(known)) if at not in shown]
        # What the rest moved counts by each of its members, not by what is left when they cancel out.
        rest_size = total(abs(changes[at]) for at in rest)
        return Movers(
            tuple(_move(known[at], net, abs(changes[at]), movement) for at in chosen),
            _move(_together([known[at] for at in rest]), net, rest_size, movement),
            len(rest),
            _move(_together(known), net, movement, movement),
        )


def rank_changes(members: Iterable[Compared], count: int | None = None) -> tuple[Ranked, ...]:
    """The first `count` members now, all if None, and their places before; those without a place last, ties by key."""
    known = sorted(members, key=lambda member: member.key)
    now = _places({member.key: member.now for member in known if member.now})
    before = _places({member.key: member.before for member in known if member.before})
    ranked = []
    for member in sorted(known, key=lambda member: now.get(member.key, len(known) + 1))[:count]:
        place, earlier = now.get(member.key), before.get(member.key)
        moved = earlier - place if place is not None and earlier is not None else None
        ranked.append(Ranked(member.key, member.now, place, earlier, moved))
    return tuple(ranked)


def _goes(change: Decimal, direction: Direction) -> bool:
    return change != 0 and (direction == "both" or (change > 0) == (direction == "up"))


def _together(members: list[Compared]) -> Compared:
    return Compared("", total(member.now for member in members), total(member.before for member in members))


def _move(member: Compared, net: Decimal, own_movement: Decimal, movement: Decimal) -> Move:
    percent, reason = percent_change(member.now, member.before)
    change = member.now - member.before
    of_change = divide(change, net)[0]
    return Move(
        member.key, member.now, member.before, change, percent, reason, of_change, share(own_movement, movement)
    )


def _places(amounts: Mapping[str, Decimal]) -> dict[str, int]:
    places: dict[str, int] = {}
    above, place = None, 0
    for position, key in enumerate(sorted(amounts, key=amounts.__getitem__, reverse=True), start=1):
        if amounts[key] != above:
            above, place = amounts[key], position
        places[key] = place
    return places
