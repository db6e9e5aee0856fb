"""Preferred: what part of its purchases each segment gives to which goods, year by year, and what has shifted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.figures import ZERO, share
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

Pair = tuple[str, str]


def preferred(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per buyers and goods with `share_2`, `share_1`, `share` and the `shift` since a year ago, largest first.

    Main has two levels and `net_sales` of twelve months, "before" and "earlier" of those before. A year in which a
    segment did not buy has no shares. Invalid where no segment bought in both of the last years.
    """
    main, t = frames["main"], words(context.locale)
    years = [_shares(frames.get(name)) for name in ("earlier", "before", "main")]
    members = {pair: row[:2] for each in frames.values() for row in each.rows if (pair := _pair(row)) is not None}
    rows: list[tuple[Decimal, Row]] = []
    for pair, names in sorted(members.items()):
        earlier, before, now = (year.get(pair[0], {}) for year in years)
        if not now or not before:
            continue
        parts = (earlier.get(pair[1], ZERO) if earlier else None, before.get(pair[1], ZERO), now.get(pair[1], ZERO))
        shift = parts[2] - parts[1]
        rows.append((shift, (*names, *parts, shift)))
    if not rows:
        raise Invalid("Nobody bought in both of the last two years: there is nothing to compare.")
    ordered = sorted(rows, key=lambda each: -abs(each[0]))
    buyers, goods = main.columns[:2]
    ratio = {"unit": "ratio", "format": "percent"}
    columns = (
        buyers,
        goods,
        Column("share_2", t("Two years before"), "metric", "share", **ratio),
        Column("share_1", t("Year before"), "metric", "share", **ratio),
        Column("share", t("Last twelve months"), "metric", "share", **ratio),
        Column("shift", t("Shift"), "delta", "share", versus="last-year", **ratio),
    )
    return Frame(columns, tuple(row for _, row in ordered), main.provenance, main.currency, notes=main.notes)


def _pair(row: Row) -> Pair | None:
    buyers, goods = row[:2]
    if not isinstance(buyers, Member) or not isinstance(goods, Member) or NO_MEMBER in (buyers.key, goods.key):
        return None
    return buyers.key, goods.key


def _shares(frame: Frame | None) -> dict[str, dict[str, Decimal]]:
    """Buyers → goods → their part of what these buyers bought; without buyers whose purchases are not above zero."""
    sums: dict[str, dict[str, Decimal]] = {}
    for row in frame.rows if frame is not None else ():
        value, pair = number(row[2]), _pair(row)
        if pair is not None and value is not None:
            sums.setdefault(pair[0], {})[pair[1]] = Decimal(value)
    found: dict[str, dict[str, Decimal]] = {}
    for buyers, bought in sums.items():
        whole = sum(bought.values(), ZERO)
        parts = {goods: share(amount, whole) for goods, amount in bought.items()} if whole > 0 else {}
        found[buyers] = {goods: part for goods, part in parts.items() if part is not None}
    return found
