"""Risks: what an executive must not overlook, each by a rule that is said, with its figure, its trend and a state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from app.domain.decline import declining
from app.domain.figures import total
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import Words, words
from layouts import format as fmt
from layouts.columns import number
from layouts.derive.decline import histories_of
from layouts.settle import month_shift
from queries.frame import Column, Frame, Member, Row

SLIPPING = Decimal("0.95")
"""Below the budget is worth watching; below this part of it one must act."""

MARGIN_WATCH, MARGIN_ACT = Decimal("-0.005"), Decimal("-0.02")
"""Points of margin lost on last year: half a point is worth watching, two points are to act on."""

AT_RISK = Decimal("0.05")
"""This part of the key accounts' net sales at risk is to act on; any less is worth watching."""

DAYS_WATCH, DAYS_ACT = 4, 8
"""Days without a sale: a long weekend has fewer than the first, a week fewer than the second."""

FINE, WATCH, ACT = 0, 1, 2


def risks(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row a risk that can be judged: `risk`, `state`, `figure` and `trend` in words, `concern` 0, 1 or 2.

    Main is budget attainment, "margin" the margin rate, both against last year; "accounts" are the largest customers
    of fifteen complete months with "months", their orders and net sales by month. What has no answer has no row:
    margin for those who do not see cost, budget where none is set. Invalid when nothing can be judged.
    """
    t = words(context.locale)
    found = (
        _budget(frames["main"], t, context.locale),
        _accounts(frames.get("accounts"), frames.get("months"), t, context),
        _margin(frames.get("margin"), t, context.locale),
        _late(frames["main"], t, context),
    )
    rows = tuple(row for row in found if row is not None)
    if not rows:
        raise Invalid("There is nothing here that could be judged.")
    columns = (
        Column("risk", t("Risk"), "dimension"),
        Column("state", t("State"), "dimension"),
        Column("figure", t("Figure"), "dimension", unit="words"),
        Column("trend", t("Trend"), "dimension", unit="words"),
        Column("concern", t("Concern, 0 to 2"), "metric", "concern", unit="count", format="integer"),
    )
    return Frame(columns, rows, frames["main"].provenance, "")


def _row(key: str, name: str, concern: int, states: tuple[str, str, str], figure: str, trend: str) -> Row:
    return Member(key, name), Member(("fine", "watch", "act")[concern], states[concern]), figure, trend, concern


def _only(frame: Frame | None, column: str) -> Decimal | None:
    """The one figure of a column of a frame of one row."""
    if frame is None or not frame.rows or not frame.has(column):
        return None
    value = number(frame.rows[0][frame.index(column)])
    return None if value is None else Decimal(value)


def _budget(frame: Frame, t: Words, locale: str) -> Row | None:
    attained = _only(frame, "budget_attainment")
    if attained is None or "budget" in frame.partial:
        return None
    concern = FINE if attained >= 1 else WATCH if attained >= SLIPPING else ACT
    states = (t("On plan"), t("Just behind"), t("Behind"))
    return _row(
        "budget",
        t("Budget"),
        concern,
        states,
        fmt.percent(attained, locale),
        _moved(frame, "budget_attainment", t, locale),
    )


def _moved(frame: Frame, metric: str, t: Words, locale: str) -> str:
    move = _only(frame, f"{metric}@last-year:delta")
    return "" if move is None else t("{move} on last year", move=fmt.points(move, locale))


def _margin(frame: Frame | None, t: Words, locale: str) -> Row | None:
    rate, move = _only(frame, "margin_rate"), _only(frame, "margin_rate@last-year:delta")
    if frame is None or rate is None or move is None:
        return None
    concern = FINE if move > MARGIN_WATCH else WATCH if move > MARGIN_ACT else ACT
    states = (t("Holding"), t("Slipping"), t("Falling"))
    return _row(
        "margin", t("Margin"), concern, states, fmt.percent(rate, locale), _moved(frame, "margin_rate", t, locale)
    )


def _accounts(accounts: Frame | None, months: Frame | None, t: Words, context: QueryContext) -> Row | None:
    if accounts is None or months is None or not accounts.rows:
        return None
    span = accounts.provenance.span
    as_of = context.today if span is None else month_shift(span.end_exclusive, 0)
    histories = histories_of(months)
    found = declining(histories.values(), as_of, context.currency)
    trailing = total(total(each.net[-12:]) for each in histories.values())
    at_risk = total(each.at_risk for each in found)
    concern = FINE if not found else WATCH if at_risk < AT_RISK * trailing else ACT
    states = (t("Steady"), t("Some decline"), t("Declining"))
    figure = t("{n} of {count}", n=len(found), count=len(accounts.rows))
    size = fmt.compact(at_risk, "money", context.locale, accounts.currency)
    trend = t("{amount} a year at risk", amount=size) if found else t("as many orders as usual")
    return _row("accounts", t("Key accounts"), concern, states, figure, trend)


def _late(frame: Frame, t: Words, context: QueryContext) -> Row | None:
    newest = frame.provenance.as_of
    if newest is None:
        return None
    day: date = newest.date() if isinstance(newest, datetime) else newest
    days = max(0, (context.today - day).days)
    concern = FINE if days < DAYS_WATCH else WATCH if days < DAYS_ACT else ACT
    states = (t("On time"), t("Late"), t("Very late"))
    figure = t("today") if not days else t.n("{n} day old", "{n} days old", days)
    trend = t("newest sale {day}", day=fmt.day(day, context.locale))
    return _row("data", t("Data"), concern, states, figure, trend)
