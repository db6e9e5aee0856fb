"""Products: what grows and earns, what does neither, what hangs on the tail, and what is bought together."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import level_name, member_text, number
from layouts.derive.quadrant import corner_names
from queries.frame import Frame, Row


def quadrant(answered: AnsweredPanel) -> str:
    """ "Above average in growth and margin: 97 of 398 products; below in both: 117, with 26% of net sales."."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or frame.totals is None:
        return ""
    names, at = corner_names(t), frame.index("corner")
    promote = [row for row in frame.rows if row[at] == names["promote"]]
    review = [row for row in frame.rows if row[at] == names["review"]]
    whole, part = _figure(frame.totals, frame, "net_sales"), sum((_net(row, frame) for row in review), Decimal(0))
    return t(
        "Above average in growth and margin: {promote} of {all} {level}; below in both: {review}, with {share} of net"
        " sales.",
        promote=len(promote),
        review=len(review),
        all=len(frame.rows),
        level=level_name(frame.columns[0].level or "", plural=len(frame.rows) != 1),
        share=fmt.percent(part / whole if whole else None, answered.context.locale, 0),
    )


def tail(answered: AnsweredPanel) -> str:
    """ "€410K hangs on what is small and below average in growth and margin: 31 products, 0.9% of net sales."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or frame.totals is None:
        return ""
    level = frame.columns[0].level or ""
    return words(locale)(
        "{amount} hangs on what is small and below average in growth and margin: {count} {level}, {share} of net"
        " sales.",
        amount=fmt.compact(_figure(frame.totals, frame, "net_sales"), "money", locale, frame.currency),
        count=len(frame.rows),
        level=level_name(level, plural=len(frame.rows) != 1),
        share=fmt.percent(_figure(frame.totals, frame, "share"), locale),
    )


def tree(answered: AnsweredPanel) -> str:
    """ "Hardware grew most, +€1.2M; Services lost most, −€0.3M."."""
    frame, t, locale = answered.frame, words(answered.context.locale), answered.context.locale
    delta = None if frame is None else next((column for column in frame.columns if column.role == "delta"), None)
    if frame is None or delta is None:
        return ""
    moves = [
        (member_text(row[0], frame.columns[0].level, locale), Decimal(value))
        for row in frame.rows
        if (value := number(row[frame.index(delta.id)])) is not None
    ]
    if not moves:
        return ""
    (best, gain), (worst, loss) = max(moves, key=lambda move: move[1]), min(moves, key=lambda move: move[1])
    told = {
        "best": best,
        "gain": fmt.compact(gain, "money", locale, frame.currency, plus=True),
        "worst": worst,
        "loss": fmt.compact(loss, "money", locale, frame.currency, plus=True),
        "against": fmt.reference_name(delta.versus or "", locale),
    }
    if gain > 0 > loss:
        return t("Against {against} {best} gained most, {gain}; {worst} lost most, {loss}.", **told)
    if gain > 0:
        return t("Against {against} {best} gained most, {gain}.", **told)
    return t("Against {against} {worst} lost most, {loss}.", **told) if loss < 0 else ""


def attach(answered: AnsweredPanel) -> str:
    """ "Who buys Helmets also buys Gloves in 34% of documents, 2.3 times as often as by chance."."""
    frame, t, locale = answered.frame, words(answered.context.locale), answered.context.locale
    if frame is None or not frame.rows:
        return ""
    best = frame.rows[0]
    if best[frame.index("sure")] != t("Yes"):
        return t("Nothing here is bought together more often than chance explains.")
    level = frame.columns[0].level
    return t(
        "Documents with {one} also hold {other} in {rate} of cases, {lift} times as often as by chance.",
        one=member_text(best[0], level, locale),
        other=member_text(best[1], level, locale),
        rate=fmt.percent(_figure(best, frame, "rate"), locale, 0),
        lift=fmt.decimal_text(_figure(best, frame, "lift") or 0, locale, 1),
    )


def _net(row: Row, frame: Frame) -> Decimal:
    return _figure(row, frame, "net_sales") or Decimal(0)


def _figure(row: Row, frame: Frame, column_id: str) -> Decimal | None:
    value = number(row[frame.index(column_id)])
    return None if value is None else Decimal(value)


def preferred(answered: AnsweredPanel) -> str:
    """ "Enterprise moved most towards Storage & Racking: +3.2 pt in a year."."""
    frame, t, locale = answered.frame, words(answered.context.locale), answered.context.locale
    if frame is None or not frame.rows:
        return ""
    row = frame.rows[0]
    shift = Decimal(number(row[frame.index("shift")]) or 0)
    told = {
        "segment": member_text(row[0], frame.columns[0].level, locale),
        "goods": member_text(row[1], frame.columns[1].level, locale),
        "by": fmt.points(shift, locale),
    }
    if not shift:
        return t("No segment prefers anything else than a year ago.")
    if shift > 0:
        return t("{segment} moved most, towards {goods}: {by} in a year.", **told)
    return t("{segment} moved most, away from {goods}: {by} in a year.", **told)
