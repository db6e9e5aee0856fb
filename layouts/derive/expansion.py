"""Expansion: what last year's customers bring now, split into more of the same and what is new to them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.expansion import Bought, expansion
from app.domain.figures import ZERO
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

STANDING = ("start", "end")
"""The rows that stand on the ground."""

Pair = tuple[str, str]


def expansion_split(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """From what customers brought to what the same bring now: `step` and `amount`, adding up.

    Main has customers by a level of goods with `net_sales` of twelve months, "before" of the twelve months before.
    Invalid where nobody bought then.
    """
    main, t = frames["main"], words(context.locale)
    now, before = _amounts(main), _amounts(frames.get("before"))
    pairs = sorted(now.keys() | before.keys())
    found = expansion((Bought(*pair, before.get(pair, ZERO), now.get(pair, ZERO)) for pair in pairs), context.currency)
    if not found.customers:
        raise Invalid("There is nothing to compare with: nobody bought in the twelve months before.")
    steps = (
        ("start", t("Twelve months before"), found.start),
        ("up-sell", t("Up-sell"), found.up_sell),
        ("cross-sell", t("Cross-sell"), found.cross_sell),
        ("less", t("Smaller purchases"), found.less),
        ("dropped", t("Dropped goods"), found.dropped),
        ("stopped", t("Lost customers"), found.stopped),
        ("end", t("The same customers now"), found.end),
    )
    rows: tuple[Row, ...] = tuple((Member(key, name), amount) for key, name, amount in steps)
    columns = (
        Column("step", t("Step"), "dimension"),
        Column("amount", t("Net sales"), "metric", "amount", unit="money", format="money"),
    )
    crossing = t.n(
        "{n:,} customer of {customers:,} bought something new.",
        "{n:,} customers of {customers:,} bought something new.",
        found.crossing,
        customers=found.customers,
    )
    notes = (*main.notes, crossing) if found.customers > 1 else main.notes
    return Frame(columns, rows, main.provenance, main.currency, notes=notes)


def _amounts(frame: Frame | None) -> dict[Pair, Decimal]:
    """(customer, goods) → net sales."""
    found: dict[Pair, Decimal] = {}
    for row in frame.rows if frame is not None else ():
        value = number(row[2])
        if isinstance(row[0], Member) and isinstance(row[1], Member) and value is not None and row[0].key != NO_MEMBER:
            found[row[0].key, row[1].key] = Decimal(value)
    return found
