"""Cumulative: how far ahead of the plan or behind it, since when, and where among the earlier cycles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.values.words import say, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.curves import Curves, curves_of, standing


def cumulative(answered: AnsweredPanel) -> str:
    """ "3.2% ahead of plan since day 14, above every earlier quarter at this point."."""
    curves = curves_of(answered)
    if curves is None or not curves.current.values:
        return ""
    today = len(curves.current.values) - 1
    now = curves.current.values[-1]
    locale = answered.context.locale
    t, earlier = words(locale), _earlier(curves, today, now, locale)
    about_part = "plan" in answered.frames and bool(answered.frames["plan"].partial)
    plan = standing(curves.plan, today) if curves.plan is not None and not about_part else None
    if not plan:
        return f"{earlier}." if earlier else ""
    change = now / plan - 1
    since = _since(curves.current.values, curves.plan.values if curves.plan else ())
    told = {"size": fmt.percent(abs(change), locale), "day": since + 1}
    if since > 0:
        standing_told = t(_AHEAD_SINCE if change >= 0 else _BEHIND_SINCE, **told)
    else:
        standing_told = t(_AHEAD if change >= 0 else _BEHIND, **told)
    return f"{standing_told}, {earlier}." if earlier else f"{standing_told}."


_AHEAD_SINCE = say("{size} ahead of plan since day {day}", size="", day="")
_AHEAD = say("{size} ahead of plan", size="")
_BEHIND_SINCE = say("{size} behind plan since day {day}", size="", day="")
_BEHIND = say("{size} behind plan", size="")
_ABOVE_EVERY = {
    "month": say("above every earlier month at this point"),
    "quarter": say("above every earlier quarter at this point"),
    "year": say("above every earlier year at this point"),
}
_BELOW_EVERY = {
    "month": say("below every earlier month at this point"),
    "quarter": say("below every earlier quarter at this point"),
    "year": say("below every earlier year at this point"),
}
_ABOVE_SOME = {
    "month": say("above {above} of {count} earlier months at this point", above="", count=""),
    "quarter": say("above {above} of {count} earlier quarters at this point", above="", count=""),
    "year": say("above {above} of {count} earlier years at this point", above="", count=""),
}


def _earlier(curves: Curves, today: int, now: Decimal, locale: str) -> str:
    """Where the curve stands among the earlier ones; empty when there are none."""
    t, name = words(locale), curves.cycle.name
    above = [curve for curve in curves.earlier if (then := standing(curve, today)) is not None and then < now]
    if not curves.earlier:
        return ""
    if len(above) == len(curves.earlier):
        return t(_ABOVE_EVERY[name])
    return t(_ABOVE_SOME[name], above=len(above), count=len(curves.earlier)) if above else t(_BELOW_EVERY[name])


def _since(current: Sequence[Decimal], plan: Sequence[Decimal]) -> int:
    """The first day of the run of days, up to the last, on which the sign of the difference stays the same."""
    ahead = [a >= b for a, b in zip(current, plan, strict=False)]
    start = len(ahead) - 1
    while start > 0 and ahead[start - 1] == ahead[-1]:
        start -= 1
    return start
