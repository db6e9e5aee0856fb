"""People: how attainment spreads, who rises and falls, who leads whom, and what reaching a quota takes."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.attainment import attainment_of
from layouts.columns import member_text, number
from layouts.derive.distribution import REACHED
from layouts.series import Series, by_member, is_running, last_complete, series_of
from queries.frame import Frame, Row, Value

STREAK = 3
"""Months in a row before a run is worth a sentence."""


def distribution(answered: AnsweredPanel) -> str:
    """ "15 of 39 have reached their quota to date; most stand between 90–100%, 9 of them."."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.has("members"):
        return ""
    counts = [int(number(value) or 0) for value in frame.values("members")]
    most = max(range(len(counts)), key=lambda at: (counts[at], -at))
    told = {"reached": sum(counts[REACHED:]), "all": sum(counts), "bin": str(frame.rows[most][0]), "n": counts[most]}
    return t("{reached} of {all} have reached their quota to date; the largest group, {n}, stands at {bin}.", **told)


def multiples(answered: AnsweredPanel) -> str:
    """Who has fallen for the most complete months in a row; else who has grown most on the same month last year."""
    months, found = series_of(answered)
    if len(months) < STREAK:
        return ""
    t, locale = words(answered.context.locale), answered.context.locale
    running = is_running(months[-1], answered.context.today)
    length, who = max(((_falls(each, running), each) for each in found), key=lambda pair: (pair[0], pair[1].name))
    if length >= STREAK:
        return t("{who} has sold less every month for {length} months.", who=who.name, length=length)
    last = months[last_complete(found[0], running)]
    moved = [(change, each.name) for each in found if (change := _on_last_year(each, running)) is not None]
    if not moved:
        return ""
    change, name = max(moved, key=lambda pair: (abs(pair[0]), pair[1]))
    told = {"who": name, "change": fmt.percent(change, locale, plus=True), "month": fmt.time_name(last, locale)}
    return t("{who} has moved most on a year ago: {change} in {month}.", **told)


def _falls(each: Series, running: bool) -> int:
    values = [value or Decimal(0) for value in each.values[: last_complete(each, running) + 1]]
    length = 0
    while length + 1 < len(values) and values[-1 - length] < values[-2 - length]:
        length += 1
    return length


def _on_last_year(each: Series, running: bool) -> Decimal | None:
    last = last_complete(each, running)
    now, before = each.values[last], each.values[last - 12] if last >= 12 else None
    return None if now is None or not before else now / before - 1


def lines(answered: AnsweredPanel) -> str:
    """ "Caleb Whitford leads Amy Pemberton by €424K, and has since week 41."."""
    frame, metric, t = answered.frame, answered.metric, words(answered.context.locale)
    found = by_member(answered)
    if frame is None or metric is None or len(found) < 2:
        return ""
    last = max(key for values in found.values() for key in values)
    ranked = sorted(found, key=lambda member: (-found[member].get(last, Decimal(0)), member.name))
    first, second = ranked[0], ranked[1]
    lead = found[first].get(last, Decimal(0)) - found[second].get(last, Decimal(0))
    level, locale = frame.columns[0].level, answered.context.locale
    told = {
        "first": member_text(first, level, locale),
        "second": member_text(second, level, locale),
        "lead": fmt.compact(lead, metric.unit or "money", locale, frame.currency),
    }
    return t("{first} leads {second} by {lead}.", **told)


def ranking(answered: AnsweredPanel) -> str:
    """Whoever attains most, beside whoever sells most."""
    rows, t, locale = attainment_of(answered), words(answered.context.locale), answered.context.locale
    if len(rows) < 2:
        return ""
    best, largest = rows[0], max(rows, key=lambda row: (row.actual, row.name))
    told = {"best": best.name, "share": fmt.percent(best.share, locale, 0), "largest": largest.name}
    if best == largest:
        return t("{best} both attains most, {share}, and sells most.", **told)
    place = rows.index(largest) + 1
    return t("{best} attains most, {share}; {largest} sells most and is number {place}.", place=place, **told)


def needed(answered: AnsweredPanel) -> str:
    """What one needs a working day from here on; of many, how many need more a day than they have sold so far."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.has("required"):
        return ""
    rows = [row for row in frame.rows if _amount(row, frame, "whole")]
    if len(rows) == 1:
        return _needed_by_one(answered, frame, rows[0])
    short = [row for row in rows if (_amount(row, frame, "required") or 0) > (_amount(row, frame, "run_rate") or 0)]
    days = max((int(_amount(row, frame, "days_left") or 0) for row in rows), default=0)
    if not rows or not days:
        return ""
    reached = sum(1 for row in rows if (_amount(row, frame, "attained") or 0) >= 1)
    told = {"short": len(short), "all": len(rows), "days": days, "reached": reached}
    return t(
        "{short} of {all} need more a working day than they have sold so far, with {days} to go; {reached} are there"
        " already.",
        **told,
    )


def _needed_by_one(answered: AnsweredPanel, frame: Frame, row: Row) -> str:
    t, locale, currency = words(answered.context.locale), answered.context.locale, frame.currency

    def money(name: str) -> str:
        return fmt.compact(abs(_amount(row, frame, name) or Decimal(0)), "money", locale, currency)

    gap, days = _amount(row, frame, "gap"), int(_amount(row, frame, "days_left") or 0)
    attained = fmt.percent(_amount(row, frame, "attained"), locale, 0)
    told = {"attained": attained, "gap": money("gap"), "required": money("required"), "so_far": money("run_rate"),
            "days": days}  # fmt: skip
    if _amount(row, frame, "required") is None:
        return t("{attained} of the quota is reached.", **told)
    if gap is not None and gap >= 0:
        return t(
            "{attained} of the quota, {gap} ahead of pace: {required} a working day for {days} more reaches it; so far"
            " it was {so_far}.",
            **told,
        )
    return t(
        "{attained} of the quota, {gap} behind pace: it takes {required} a working day for {days} more; so far it was"
        " {so_far}.",
        **told,
    )


def _amount(row: Row, frame: Frame, name: str) -> Decimal | None:
    value: Value = row[frame.index(name)]
    figure = number(value)
    return None if figure is None else Decimal(figure)


def keeping(answered: AnsweredPanel) -> str:
    """Who has handed most customers on or lost most; else how many of those of a year ago bought again."""
    frame, t, locale = answered.frame, words(answered.context.locale), answered.context.locale
    if frame is None or not frame.has("handed"):
        return ""
    level = frame.columns[0].level
    sums = [sum(int(_amount(row, frame, name) or 0) for row in frame.rows) for name in ("bought", "stopped", "new")]
    if not sums[0]:
        return ""
    again = fmt.percent(Decimal(sums[0] - sums[1]) / sums[0], locale, 0)
    gone = max(frame.rows, key=lambda row: (int(_amount(row, frame, "handed") or 0), str(row[0])))
    handed, bought = int(_amount(gone, frame, "handed") or 0), int(_amount(gone, frame, "bought") or 0)
    told = {"who": member_text(gone[0], level, locale), "handed": handed, "bought": bought, "again": again}
    if handed * 2 > bought and len(frame.rows) > 1:
        return t("{handed} of the {bought} customers of {who} a year ago are with somebody else now.", **told)
    return t("{again} of the customers of a year ago bought again; {new} are new.", again=again, new=sums[2])
