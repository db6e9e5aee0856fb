"""Alerts: from one reading to the next, what state a member is in and what there is to tell; and what is unusual.

Source: analytics-methods §10.2 (anomalies) and §13 (least data); features D-20, D-21, D-27, D-28: states as in
Grafana, told once for an episode, hysteresis, each member for itself. Nothing is forecast here: what is expected is the
median of the same season, as §10.2 has it for a short history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Literal

from app.domain.figures import ZERO, median, total
from app.values.alert import UNUSUAL, Rule
from app.values.money import EXACT

State = Literal["normal", "pending", "firing", "no-data", "error"]
STATES: tuple[State, ...] = ("firing", "pending", "no-data", "error", "normal")
"""The worst first."""

Tell = Literal["fired", "cleared"]

ENOUGH_POINTS, ENOUGH_CYCLES = 8, 2
FARTHEST = Decimal(99)
"""Deviations that stand for any more, and for those from a history that never moved."""

_NORMAL, _MEAN = Decimal("1.4826"), Decimal("1.253314")
_FLOOR, _LEAST = Decimal("0.05"), Decimal("0.01")


@dataclass(frozen=True)
class Oddness:
    """How far the newest point lies off what its history lets expect.

    `score`: robust deviations, signed, at most 99; `low` to `high` is not unusual; `n` residuals were compared with.
    """

    expected: Decimal
    low: Decimal
    high: Decimal
    score: Decimal
    n: int


@dataclass(frozen=True)
class Reading:
    """What one check found about one member; `key` is empty for the whole.

    `value` is shown, `judged` held against the rule; without it there is no figure, `why` says so. `problem`: it could
    not be asked. Both are sentences. `odd` is the evidence of an anomaly.
    """

    key: str = ""
    name: str = ""
    value: Decimal | None = None
    judged: Decimal | None = None
    why: str = ""
    problem: str = ""
    odd: Oddness | None = None
    stretch: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a member stands after a check. `held`: checks in a row beyond the bound; `is_open`: an episode goes on,
    also while there is no figure; `told`: people know of it. `since`: when the state became what it is.
    """

    state: State
    since: datetime
    held: int = 0
    is_open: bool = False
    told: bool = False


def step(
    rule: Rule, before: Standing | None, reading: Reading, now: datetime, *, muted: bool = False
) -> tuple[Standing, Tell | None]:
    """The next standing, and whether people are told that it fires, or that it is over.

    An episode is told once, at its beginning, or when it still goes on as the muting ends; its end is told if its
    beginning was. A check without a figure neither begins an episode nor ends it, and counts for nothing. While muted
    nothing is told, the states go on all the same.
    """
    was = before or Standing("normal", now)
    if reading.problem or reading.judged is None:
        return _moved(was, replace(was, state="error" if reading.problem else "no-data"), now), None
    breached = rule.is_breached_by(reading.judged)
    held = was.held + 1 if breached else 0
    is_open = not rule.is_calmed_by(reading.judged) if was.is_open else held >= rule.holds
    state: State = "firing" if is_open else "pending" if held else "normal"
    after = _moved(was, replace(was, state=state, held=held, is_open=is_open), now)
    if is_open:
        tells = not was.told and not muted
        return replace(after, told=was.told or tells), "fired" if tells else None
    return replace(after, told=False), "cleared" if was.told and not muted else None


def _moved(was: Standing, after: Standing, now: datetime) -> Standing:
    return after if after.state == was.state else replace(after, since=now)


def oddness(points: Sequence[tuple[int, Decimal]], cycle: int, unusual: Decimal = UNUSUAL) -> Oddness | None:
    """The newest of `points` against those before, each (season, figure), oldest first and complete.

    `cycle` is how many seasons there are, 1 for none. None with less than 8 earlier points or 2 earlier cycles.
    """
    if len(points) - 1 < max(ENOUGH_POINTS, ENOUGH_CYCLES * cycle):
        return None
    with localcontext(EXACT):
        past, (season, newest) = points[:-1], points[-1]
        seen: defaultdict[int, list[Decimal]] = defaultdict(list)
        residuals: list[Decimal] = []
        for each, figure in past:
            if seen[each]:
                residuals.append(figure - median(seen[each]))
            seen[each].append(figure)
        if not seen[season] or not residuals:
            return None
        expected, middle = median(seen[season]), median(residuals)
        scale = _scale(residuals, middle, expected)
        off = newest - expected - middle
        score = FARTHEST.copy_sign(off) if not scale and off else off / scale if scale else ZERO
        usual, width = expected + middle, unusual * scale
    bounded = round(max(-FARTHEST, min(FARTHEST, score)), 6)
    return Oddness(expected, usual - width, usual + width, bounded, len(residuals))


def _scale(residuals: Sequence[Decimal], middle: Decimal, expected: Decimal) -> Decimal:
    away = [abs(each - middle) for each in residuals]
    robust = _NORMAL * median(away) or _MEAN * total(away) / len(away) or _FLOOR * abs(expected)
    return max(robust, _LEAST * abs(expected))
