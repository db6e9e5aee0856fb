"""Customers: who comes and goes, who declines, who buys often, how tenths and segments move; and one customer."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from queries.frame import Frame, Row


def customer_flow(answered: AnsweredPanel) -> str:
    """ "Of 2,310 customers 412 lapsed in Q3 2026; 180 came for the first time and 260 came back."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows:
        return ""
    row = frame.rows[-1]
    return words(locale)(
        "Of {before} customers {lapsed} lapsed in {quarter}; {new} came for the first time and {returned} came back.",
        before=_count(frame, row, "before", locale),
        lapsed=fmt.exact(abs(_value(frame, row, "lapsed")), "count", locale, ""),
        quarter=member_text(row[0], "quarter", locale),
        new=_count(frame, row, "new", locale),
        returned=_count(frame, row, "returned", locale),
    )


def declining(answered: AnsweredPanel) -> str:
    """ "20 large customers decline. Hollis Group fell silent where 11 orders were usual; €1.2M is at risk.".

    The largest that is silent is named, else the one with most at risk.
    """
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows:
        return ""
    t = words(locale)
    row = next((each for each in frame.rows if not _value(frame, each, "seen")), frame.rows[0])
    seen = _value(frame, row, "seen")
    told = {
        "who": member_text(row[0], "customer", locale),
        "seen": fmt.exact(seen, "count", locale, ""),
        "expected": fmt.decimal_text(_value(frame, row, "expected"), locale, 1),
        "amount": fmt.compact(_value(frame, row, "at_risk"), "money", locale, frame.currency),
    }
    many = t.n("One large customer declines.", "{n} large customers decline.", len(frame.rows))
    if seen:
        one = t("{who} placed {seen} orders in three months where {expected} were usual; {amount} is at risk.", **told)
    else:
        one = t("{who} fell silent where {expected} orders in three months were usual; {amount} is at risk.", **told)
    return f"{many} {one}"


def frequent(answered: AnsweredPanel) -> str:
    """ "Kestrel Group orders most often, every 6 days."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows:
        return ""
    row = frame.rows[0]
    gap = _value(frame, row, "usual_gap")
    return words(locale).n(
        "{who} orders most often, every day.",
        "{who} orders most often, every {days} days.",
        int(gap) if gap == 1 else 2,
        who=member_text(row[0], "customer", locale),
        days=fmt.decimal_text(gap, locale, 0 if gap == int(gap) else 1),
    )


def deciles(answered: AnsweredPanel) -> str:
    """ "The best tenth makes 61.2% of net sales; 31 of those who were in it a year ago bought nothing since."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows:
        return ""
    row = frame.rows[0]
    return words(locale)(
        "The best tenth makes {share} of net sales; {risen} of its {customers} customers rose into it or are new.",
        share=fmt.percent(_value(frame, row, "share"), locale),
        risen=fmt.exact(
            _value(frame, row, "customers") - _value(frame, row, "same"), "count", locale, ""
        ),
        customers=_count(frame, row, "customers", locale),
    )  # fmt: skip


def segmented(answered: AnsweredPanel) -> str:
    """ "Not to be lost: 214 customers with €3.1M in twelve months bought often and much, not lately."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.has("customers"):
        return ""
    row = next((each for each in frame.rows if getattr(each[0], "key", "") == "cannot_lose"), None)
    if row is None:
        return ""
    return words(locale).n(
        "One customer with {amount} in twelve months used to buy often and much, but not lately.",
        "{count} customers with {amount} in twelve months used to buy often and much, but not lately.",
        int(_value(frame, row, "customers")),
        count=_count(frame, row, "customers", locale),
        amount=fmt.compact(_value(frame, row, "net_sales"), "money", locale, frame.currency),
    )


def segment_grid(answered: AnsweredPanel) -> str:
    """ "48 of 1,204 customers are best in everything; they make 31.2% of net sales."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows:
        return ""
    all_of_them = sum(_value(frame, row, "customers") for row in frame.rows)
    row = frame.rows[0]
    told = {
        "count": _count(frame, row, "customers", locale),
        "all": fmt.exact(all_of_them, "count", locale, ""),
        "share": fmt.percent(_value(frame, row, "share"), locale),
    }
    t = words(locale)
    if not _value(frame, row, "customers"):
        return t("None of {all} customers is best in everything.", **told)
    return t.n(
        "One of {all} customers is best in everything and makes {share} of net sales.",
        "{count} of {all} customers are best in everything; they make {share} of net sales.",
        int(_value(frame, row, "customers")),
        **told,
    )


def cohorts(answered: AnsweredPanel) -> str:
    """ "Of those who first bought in a quarter, 34.1% bought again in the next one."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or frame.totals is None or frame.totals[frame.index("q1")] is None:
        return ""
    return words(locale)(
        "Of those who first bought in a quarter, {share} bought again in the next one.",
        share=fmt.percent(_value(frame, frame.totals, "q1"), locale),
    )


def timeline(answered: AnsweredPanel) -> str:
    """ "41 documents in two years; the twelve months to the last one make €1.2M."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows:
        return ""
    return words(locale).n(
        "One document in two years; the twelve months to it make {amount}.",
        "{n} documents in two years; the twelve months to the last one make {amount}.",
        len(frame.rows),
        amount=fmt.compact(_value(frame, frame.rows[-1], "rolling"), "money", locale, frame.currency),
    )


def own_rhythm(answered: AnsweredPanel) -> str:
    """ "Orders every 12 days as a rule; the next one was due on 3 Aug 2026, 110 days ago."."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or len(frame.rows) < 2:
        return ""
    t = words(locale)
    by_name = [(_value(frame, row, "days"), row[frame.index("day")]) for row in frame.rows]
    usual = next((days for days, day in by_name[1:] if day is None), Decimal(0))
    due = next(((days, day) for days, day in by_name[1:] if day is not None), None)
    if due is None:
        return ""
    told = {
        "usual": fmt.decimal_text(usual, locale, 0 if usual == int(usual) else 1),
        "day": member_text(due[1], None, locale),
        "late": fmt.exact(due[0], "count", locale, ""),
    }
    if due[0] > 0:
        return t("Orders every {usual} days as a rule; the next one was due on {day}, {late} days ago.", **told)
    return t("Orders every {usual} days as a rule; the next one is due on {day}.", **told)


def response(answered: AnsweredPanel) -> str:
    """ "2 of 14 products were bought often enough to see how quantity goes with price."."""
    frame = answered.frame
    if frame is None or not frame.rows:
        return ""
    enough = sum(1 for row in frame.rows if row[frame.index("slope")] is not None)
    return words(answered.context.locale).n(
        "{enough} of one product was bought often enough, at more than one price, to see how quantity goes with price.",
        "{enough} of {n} products were bought often enough, at more than one price, to see how quantity goes with"
        " price.",
        len(frame.rows),
        enough=enough,
    )


def _value(frame: Frame, row: Row, column_id: str) -> Decimal:
    return Decimal(number(row[frame.index(column_id)]) or 0)


def _count(frame: Frame, row: Row, column_id: str, locale: str) -> str:
    return fmt.exact(_value(frame, row, column_id), "count", locale, "")
