"""Mix over time: what share of each month each member made, the largest by name and the rest together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.figures import ZERO, share
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

NAMED = 5
"""Members with a line of their own."""

OTHERS = "(others)"


def mix_over_time(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per member and month with `net_sales` and `share` of that month, the largest members first.

    Main has the level, `month` and one metric that adds up. A month that is not above zero has no shares. Members
    beyond the largest five are one of "others". Invalid with fewer than two months or two members.
    """
    main, t = frames["main"], words(context.locale)
    level, month, metric = main.columns[0], main.columns[1], main.columns[2]
    figures: dict[tuple[str, str], Decimal] = {}
    members: dict[str, Member] = {}
    months: dict[str, Member] = {}
    for row in main.rows:
        value = number(row[2])
        if isinstance(row[0], Member) and isinstance(row[1], Member) and value is not None:
            members[row[0].key], months[row[1].key] = row[0], row[1]
            figures[row[0].key, row[1].key] = Decimal(value)
    if len(months) < 2 or len(members) < 2:
        raise Invalid("A mix over time needs two months and two members at least.")
    whole = {at: sum((figures.get((key, at), ZERO) for key in members), ZERO) for at in months}
    sizes = {key: sum((figures.get((key, at), ZERO) for at in months), ZERO) for key in members}
    order = sorted(members, key=lambda key: (-sizes[key], key))
    named = order if len(order) <= NAMED + 1 else order[:NAMED]
    rest = order[len(named) :]
    rows: list[Row] = []
    for key in named:
        rows += [
            (members[key], months[at], figures.get((key, at), ZERO), share(figures.get((key, at), ZERO), whole[at]))
            for at in sorted(months)
        ]
    for at in sorted(months) if rest else ():
        amount = sum((figures.get((key, at), ZERO) for key in rest), ZERO)
        others = Member(OTHERS, t.n("{n} other", "{n} others", len(rest)))
        rows.append((others, months[at], amount, share(amount, whole[at])))
    of_month = Column("share", t("Share of the month"), "metric", "share", unit="ratio", format="percent")
    return Frame((level, month, metric, of_month), tuple(rows), main.provenance, main.currency, notes=main.notes)
