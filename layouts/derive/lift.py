"""Lift: what was sold in a campaign's regions while it ran, before and last year, beside regions without a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from app.domain.figures import ZERO
from app.domain.lift import CampaignDays, Takings, campaign_days, lift
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.period import Span
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row, Value

Daily = Mapping[str, Mapping[date, Decimal]]
"""Region → day → net sales."""


@dataclass(frozen=True)
class Ran:
    """A campaign, its days until today and the regions in which something was sold through it."""

    campaign: Member
    days: CampaignDays
    regions: frozenset[str]
    through: Decimal

    def overlaps(self, span: Span) -> bool:
        """Whether it ran on one of these days."""
        return self.days.during.start < span.end_exclusive and span.start < self.days.during.end_exclusive


def campaign_lift(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per campaign that ended in the last thirteen months or still runs, the newest first.

    Main has `net_sales` by campaign and region, "dates" the campaigns' days, "days" `net_sales` by region and day,
    whether sold through a campaign or not. The control group of a campaign are the regions that had none on its days;
    without such a region there is a change and no effect. Invalid without a campaign.
    """
    main, daily = frames["main"], frames.get("days")
    if daily is None or "dates" not in frames:
        raise Invalid("Without the days there is nothing to compare a campaign with.")
    every = _ran(main, frames["dates"], context.today)
    span = daily.provenance.span
    since = context.today - timedelta(days=396) if span is None else span.end_exclusive - timedelta(days=396)
    until = context.today if span is None else span.last_day
    recent = [each for each in every if each.days.during.last_day >= since and each.days.during.start <= until]
    if not recent:
        raise Invalid("No campaign ran in the thirteen months before.")
    sold, first = _sold(daily), None if span is None else span.start
    rows = tuple(_row(each, every, sold, first, main.currency) for each in reversed(recent))
    return Frame(_columns(context), rows, main.provenance, main.currency, notes=main.notes)


def _columns(context: QueryContext) -> tuple[Column, ...]:
    t = words(context.locale)

    def growth(name: str, title: str) -> Column:
        return Column(name, title, "change", name, unit="ratio", format="signed_percent", better="up")

    def amount(name: str, title: str) -> Column:
        return Column(name, title, "metric", name, unit="money", format="money")

    return (
        Column("campaign", t("Campaign"), "dimension", level="campaign"),
        Column("starts", t("First day"), "dimension"),
        Column("ends", t("Last day"), "dimension"),
        Column("regions", t("Regions"), "metric", "regions", unit="count", format="integer"),
        amount("through", t("Through it")),
        amount("during", t("Sales during")),
        growth("before", t("Change on days before")),
        growth("last_year", t("Change on last year")),
        Column("control", t("Control regions"), "metric", "control", unit="count", format="integer"),
        growth("control_change", t("Their change on last year")),
        growth("effect", t("Effect")),
        amount("effect_amount", t("Effect, amount")),
    )


def _ran(main: Frame, dates: Frame, today: date) -> list[Ran]:
    """The campaigns that have begun, the oldest first."""
    regions: dict[str, set[str]] = {}
    through: dict[str, Decimal] = {}
    at = main.index("net_sales")
    for row in main.rows:
        who, where, value = row[0], row[1], number(row[at])
        if isinstance(who, Member) and isinstance(where, Member) and value:
            regions.setdefault(who.key, set()).add(where.key)
            through[who.key] = through.get(who.key, ZERO) + Decimal(value)
    found = []
    for who, starts, ends, _ in dates.rows:
        if isinstance(who, Member) and who.key in regions and isinstance(starts, date) and isinstance(ends, date):
            days = campaign_days(starts, ends, today)
            if days is not None:
                found.append(Ran(who, days, frozenset(regions[who.key]), through[who.key]))
    return sorted(found, key=lambda each: (each.days.during.start, each.campaign.key))


def _sold(daily: Frame) -> dict[str, dict[date, Decimal]]:
    found: dict[str, dict[date, Decimal]] = {}
    at = daily.index("net_sales")
    for row in daily.rows:
        where, day, value = row[0], row[1], row[at]
        if not (isinstance(value, Decimal) and isinstance(where, Member) and isinstance(day, Member)):
            continue
        if day.key != NO_MEMBER:
            found.setdefault(where.key, {})[_date(day.key)] = value
    return found


@lru_cache(maxsize=4_096)
def _date(key: str) -> date:
    return date.fromisoformat(key)


def _takings(sold: Daily, regions: Iterable[str], days: CampaignDays, first: date | None) -> Takings:
    """Net sales of regions on the campaign's days; None where the days asked for do not reach."""
    known = [sold[region] for region in regions if region in sold]

    def taken(span: Span) -> Decimal:
        days = [span.start + timedelta(days=step) for step in range(span.days)]
        return sum((by_day[day] for by_day in known for day in days if day in by_day), ZERO)

    def reached(span: Span) -> Decimal | None:
        return None if first is not None and span.start < first else taken(span)

    return Takings(taken(days.during), reached(days.before), reached(days.last_year))


def _row(ran: Ran, every: list[Ran], sold: Daily, first: date | None, currency: str) -> Row:
    meant = frozenset[str]().union(*(each.regions for each in every if each.overlaps(ran.days.during)))
    control = sorted(region for region in sold if region not in meant)
    campaign = _takings(sold, sorted(ran.regions), ran.days, first)
    beside = _takings(sold, control, ran.days, first) if control else None
    before, last_year = lift(campaign, beside, currency)
    during = ran.days.during
    return (
        ran.campaign,
        during.start,
        during.whole_end - timedelta(days=1),
        len(ran.regions),
        ran.through,
        campaign.during,
        before.growth,
        last_year.growth,
        len(control),
        last_year.control_growth,
        last_year.effect,
        last_year.effect_amount,
    )


def campaign_bands(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per week with `net_sales` and the `campaigns` that ran in it, joined by " · ".

    Main has `week` and `net_sales`, whether sold through a campaign or not; "dates" the campaigns' days.
    """
    main, t = frames["main"], words(context.locale)
    dates = frames.get("dates")
    spans = [
        (who.name, starts, ends)
        for who, starts, ends, _ in (dates.rows if dates is not None else ())
        if isinstance(who, Member) and isinstance(starts, date) and isinstance(ends, date)
    ]
    rows: list[Row] = []
    for row in sorted(main.rows, key=lambda row: row[0].key if isinstance(row[0], Member) else ""):
        week = row[0]
        if not isinstance(week, Member) or week.key == NO_MEMBER:
            continue
        monday = monday_of(week.key)
        ran = [name for name, starts, ends in spans if starts <= monday + timedelta(days=6) and monday <= ends]
        value: Value = " · ".join(ran) if ran else None
        rows.append((week, row[1], value))
    columns = (*main.columns[:2], Column("campaigns", t("Campaigns"), "dimension"))
    return Frame(columns, tuple(rows), main.provenance, main.currency, notes=main.notes)


def monday_of(week: str) -> date:
    """The Monday of "2026-W07"."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
