"""Shift: what part of its purchases each segment gives to which goods, quarter by quarter, over three years."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.figures import ZERO, share
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.period import Span
from app.values.selection import Selection
from app.values.words import words
from layouts import format as fmt
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

QUARTERS = 12
"""Whole quarters that are shown, the last ones."""

NAMED = 5
"""Goods with a part of their own; the rest are one of "others"."""

OTHERS = "(others)"


def mix_shift(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row per buyers and goods with its share of these buyers' net sales in a column per whole quarter.

    Main has two levels, `quarter` and `net_sales`. The largest buyers come first, and so do the goods of all of them;
    goods beyond the largest five are one of "others". A quarter in which buyers bought nothing on balance has no
    shares. Invalid with fewer than two whole quarters or two goods.
    """
    main, t = frames["main"], words(context.locale)
    sums = _sums(main, context)
    quarters = sorted({quarter for _, _, quarter in sums})[-QUARTERS:]
    buyers = _ordered(sums, 0, quarters)
    goods = _ordered(sums, 1, quarters)
    if len(quarters) < 2 or len(goods) < 2:
        raise Invalid("A shift of the mix needs two whole quarters and two categories at least.")
    named = goods if len(goods) <= NAMED + 1 else goods[:NAMED]
    rest = goods[len(named) :]
    rows: list[Row] = []
    for who in buyers:
        wholes = [sum((sums.get((who, what, at), ZERO) for what in goods), ZERO) for at in quarters]

        def parts(some: list[Member], who: Member = who, wholes: list[Decimal] = wholes) -> list[Decimal | None]:
            amounts = (sum((sums.get((who, what, at), ZERO) for what in some), ZERO) for at in quarters)
            return [share(amount, whole) if whole > 0 else None for amount, whole in zip(amounts, wholes, strict=True)]

        rows += [(who, what, *parts([what])) for what in named]
        if rest:
            rows.append((who, Member(OTHERS, t.n("{n} other", "{n} others", len(rest))), *parts(rest)))
    columns = [
        Column(at, fmt.time_name(at, context.locale, short=True), "metric", "share", unit="ratio", format="percent")
        for at in quarters
    ]
    return Frame((*main.columns[:2], *columns), tuple(rows), main.provenance, main.currency, notes=main.notes)


def _sums(main: Frame, context: QueryContext) -> dict[tuple[Member, Member, str], Decimal]:
    """Buyers, goods and whole quarter → net sales."""
    span = main.provenance.span
    found: dict[tuple[Member, Member, str], Decimal] = {}
    whole: dict[str, bool] = {}
    for row in main.rows:
        who, what, at, value = row[0], row[1], row[2], number(row[3])
        if not (isinstance(who, Member) and isinstance(what, Member) and isinstance(at, Member)) or value is None:
            continue
        if NO_MEMBER in (who.key, what.key, at.key):
            continue
        if at.key not in whole:
            whole[at.key] = span is None or _is_inside(context.calendar.span(at.key), span)
        if whole[at.key]:
            found[who, what, at.key] = Decimal(value)
    return found


def _is_inside(quarter: Span, span: Span) -> bool:
    return span.start <= quarter.start and quarter.end_exclusive <= span.end_exclusive


def _ordered(sums: Mapping[tuple[Member, Member, str], Decimal], at: int, quarters: list[str]) -> list[Member]:
    """The buyers, or the goods, the largest of these quarters first."""
    sizes: dict[Member, Decimal] = {}
    for key, amount in sums.items():
        if key[2] in quarters:
            member = key[0] if at == 0 else key[1]
            sizes[member] = sizes.get(member, ZERO) + amount
    return sorted(sizes, key=lambda member: (-sizes[member], member.key))
