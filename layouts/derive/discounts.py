"""Discounts: which goods were sold with more or less discount than a year before, and what became of their volume."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row


def discount_evidence(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per goods sold in both years: `before` and `now` as discount rates, their difference `more`, and the change
    of `units`, `net_sales` and, for whoever sees cost, of `margin`; the largest rise of the discount first.

    Main and "before" have `discount_rate`, `units` and `net_sales` by one level of twelve months each; "margin" and
    "margin_before" may be missing. A change from nothing, or from less, is None. Invalid where no goods are in both.
    """
    main, before, t = frames["main"], frames.get("before"), words(context.locale)
    then = _figures(before)
    earned, earned_before = _figures(frames.get("margin")), _figures(frames.get("margin_before"))
    with_margin = "margin" in frames and "margin_before" in frames
    rows: list[tuple[Decimal, Row]] = []
    for member, figures in _figures(main).items():
        rates = (then.get(member, {}).get("discount_rate"), figures.get("discount_rate"))
        if rates[0] is None or rates[1] is None:
            continue
        changes = [_change(then[member].get(name), figures.get(name)) for name in ("units", "net_sales")]
        if with_margin:
            changes.append(_change(earned_before.get(member, {}).get("margin"), earned.get(member, {}).get("margin")))
        more = rates[1] - rates[0]
        rows.append((more, (member, *rates, more, *changes)))
    if not rows:
        raise Invalid("Nothing was sold in both of the last two years: there is nothing to compare.")
    rows.sort(key=lambda each: (-each[0], each[1][0].key if isinstance(each[1][0], Member) else ""))
    titles = {"units": t("Units, change"), "net_sales": t("Net sales, change"), "margin": t("Gross margin, change")}
    shown = titles if with_margin else {name: titles[name] for name in ("units", "net_sales")}
    ratio = {"unit": "ratio", "format": "percent"}
    columns = (
        main.columns[0],
        Column("before", t("Discount rate, year before"), "metric", "discount_rate", **ratio),
        Column("now", t("Discount rate, last twelve months"), "metric", "discount_rate", **ratio),
        Column("more", t("More discount"), "delta", "discount_rate", **ratio),
        *(
            Column(name, title, "change", name, better="up", unit="ratio", format="signed_percent")
            for name, title in shown.items()
        ),
    )
    return Frame(columns, tuple(row for _, row in rows), main.provenance, main.currency, notes=main.notes)


def _figures(frame: Frame | None) -> dict[Member, dict[str, Decimal]]:
    found: dict[Member, dict[str, Decimal]] = {}
    for row in frame.rows if frame is not None else ():
        if frame is not None and isinstance(row[0], Member) and row[0].key != NO_MEMBER:
            values = ((column.id, number(row[at])) for at, column in enumerate(frame.columns) if at)
            found[row[0]] = {name: Decimal(value) for name, value in values if value is not None}
    return found


def _change(then: Decimal | None, now: Decimal | None) -> Decimal | None:
    if then is None or now is None or then <= 0:
        return None
    return (now - then) / then
