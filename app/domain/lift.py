"""Lift: what sales did while a campaign ran, against the same days before and last year, with or without a control.

Source: analytics-methods §4 "campaign effect" (difference in differences; without a control group it is a change and
never an effect), §2 (364 days, so that weekdays line up); features VD-14, SR-60, `/campaigns`. The methods give no
interval for it, so none is stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Literal

from app.values.calendar import DAY, WEEKS_OF_A_YEAR, Span
from app.values.money import EXACT, percent_change, round_money

Against = Literal["before", "last_year"]


@dataclass(frozen=True)
class Takings:
    """Net sales on the campaign's days and on equally many days before and last year; None where data do not reach."""

    during: Decimal
    before: Decimal | None
    last_year: Decimal | None


@dataclass(frozen=True)
class Lift:
    """The campaign's days against one baseline.

    `growth`: change ÷ |baseline|, a fraction. With a control group `kind` is "effect": `effect` = growth − the
    control's growth, `effect_amount` = that × |baseline|, rounded. Without a control that can be reckoned with,
    `kind` is "change" and both are None. `reason` is the code why something is None or to be read with care.
    """

    against: Against
    kind: Literal["effect", "change"]
    during: Decimal
    baseline: Decimal | None
    change: Decimal | None
    growth: Decimal | None
    control_growth: Decimal | None
    effect: Decimal | None
    effect_amount: Decimal | None
    reason: str | None


@dataclass(frozen=True)
class CampaignDays:
    """The days to ask for. `before` and `last_year` have the weekdays and the length of `during`; `after` follows it
    and is as long, None until it begins, with its own `before_after` and `last_year_after`."""

    during: Span
    before: Span
    last_year: Span
    after: Span | None
    before_after: Span | None
    last_year_after: Span | None


def campaign_days(starts: date, ends: date, today: date) -> CampaignDays | None:
    """The spans of a campaign from `starts` to `ends`, both included, cut after today; None if it is still to come.

    Before means whole weeks back, far enough that no day of the campaign is among them, also for the days after.
    """
    if today < starts or ends < starts:
        return None
    end = ends + DAY
    during = _cut(starts, end, today)
    after = _cut(end, end + (end - starts), today) if today >= end else None
    return CampaignDays(
        during,
        _weeks_back(during, starts),
        _moved(during, WEEKS_OF_A_YEAR),
        after,
        None if after is None else _weeks_back(after, starts),
        None if after is None else _moved(after, WEEKS_OF_A_YEAR),
    )


def lift(campaign: Takings, control: Takings | None, currency: str) -> tuple[Lift, Lift]:
    """Against the days before and against last year. `control`: sales the campaign was not for, on the same days."""
    before = None if control is None else (control.during, control.before)
    last_year = None if control is None else (control.during, control.last_year)
    return (
        _lift("before", campaign.during, campaign.before, before, currency),
        _lift("last_year", campaign.during, campaign.last_year, last_year, currency),
    )


def _lift(
    against: Against,
    during: Decimal,
    baseline: Decimal | None,
    control: tuple[Decimal, Decimal | None] | None,
    currency: str,
) -> Lift:
    growth, reason = percent_change(during, baseline)
    change = None if baseline is None else during - baseline
    if growth is None or baseline is None or control is None:
        return Lift(against, "change", during, baseline, change, growth, None, None, None, reason)
    control_growth, control_reason = percent_change(*control)
    reason = reason or control_reason
    if control_growth is None:
        return Lift(against, "change", during, baseline, change, growth, None, None, None, reason)
    with localcontext(EXACT):
        effect = growth - control_growth
        amount = round_money(effect * abs(baseline), currency)
    return Lift(against, "effect", during, baseline, change, growth, control_growth, effect, amount, reason)


def _cut(start: date, end: date, today: date) -> Span:
    return Span(start, today + DAY, True, end) if start <= today < end - DAY else Span.whole(start, end)


def _weeks_back(span: Span, starts: date) -> Span:
    weeks = -(-(span.whole_end - starts).days // 7)
    return _moved(span, timedelta(weeks=weeks))


def _moved(span: Span, back: timedelta) -> Span:
    return Span(span.start - back, span.end_exclusive - back, span.running, span.whole_end - back)
