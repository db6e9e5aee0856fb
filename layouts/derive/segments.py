"""Segments: customers named by when, how often and for how much they buy; what each segment makes, and who is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.domain.segments import CELLS, SETS, Customer, Segments, segments
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.segmentation import NAMES, Segmentation
from app.values.selection import Filter, Selection
from app.values.words import Words, words
from layouts.derive.buying import amounts_of, last_days_of, last_order_column, members_of
from queries.frame import Column, Frame, Member, Row

FIRST = ("cannot_lose", "at_risk", "drifting", "champions", "loyal", "promising", "new", "hibernating")
"""The order of the list: those whom a call may win back come first."""


RFM, CELL = "rfm", "rfm_cell"
"""The columns of segments and of cells of the grid, and the levels that their members have."""


def segment_names(t: Words) -> dict[str, tuple[str, str]]:
    """Each segment's name and who is meant."""
    meant = {
        "champions": t("Buy often, much and lately"),
        "loyal": t("Buy often enough, and lately"),
        "promising": t("Bought lately, not yet much"),
        "new": t("Bought lately, once or little"),
        "drifting": t("Bought little, and not lately"),
        "cannot_lose": t("Bought often and much, not lately"),
        "at_risk": t("Bought regularly, not lately"),
        "hibernating": t("Bought little, long ago"),
    }
    return {segment: (t(name), meant[segment]) for segment, name in NAMES.items()}


def set_name(name: str, t: Words) -> str:
    """What a set of customers that is found anew is called: "Champions", "Recency 5, frequency and money 3"."""
    found = SETS[name]
    if found in NAMES:
        return t(NAMES[found])
    recency, both = CELLS[found]
    return t("Recency {recency}, frequency and money {both}", recency=recency, both=both)


def version_note(settled: Segmentation, t: Words) -> str:
    """Which version of the segments a figure rests on."""
    if settled.since is None:
        return t("The segments are made as Salient comes with them.")
    return t("The segments are made by version {version} of {day}.", version=settled.version, day=settled.since)


def segment_sums(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row a segment: its name, who is meant, `customers`, `net_sales`, `share`; together they are everybody.

    Main has customers with `net_sales` and `orders`, "last" their `last_order`. Invalid with fewer than twenty.
    """
    main, t = frames["main"], words(context.locale)
    found, names = _scored(main, frames.get("last"), context), segment_names(t)
    rows: tuple[Row, ...] = tuple(
        (
            # A segment without customers leads nowhere.
            Member(each.segment, names[each.segment][0]) if each.customers else names[each.segment][0],
            names[each.segment][1],
            each.customers,
            each.net,
            each.share,
        )
        for each in found.sums
    )
    columns = (
        Column(RFM, t("Segment"), "dimension", level=RFM),
        Column("meant", t("Who is meant"), "dimension"),
        Column("customers", t("Customers"), "metric", "customers", unit="count", format="integer"),
        Column("net_sales", t("Net sales"), "metric", "net_sales", unit="money", format="money"),
        Column("share", t("Share"), "metric", "share", unit="ratio", format="percent"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=_noted(main, context))


def segment_grid(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row a cell of the grid: its scores, the `rfm` segment they make, `customers`, `net_sales`, `share`.

    All 25 cells are there, from the best to the least. Main and "last" are as for the segments.
    """
    main, t = frames["main"], words(context.locale)
    found, names = _scored(main, frames.get("last"), context), segment_names(t)
    rows: list[Row] = []
    for each in reversed(found.cells):
        segment = context.segmentation.segment_of(*CELLS[each.segment])
        name = _cell_name(each.segment)
        rows.append(
            (
                Member(each.segment, name) if each.customers else name,
                Member(segment, names[segment][0]),
                each.customers,
                each.net,
                each.share,
            )
        )
    columns = (
        Column(CELL, t("Recency · frequency and money"), "dimension", level=CELL),
        Column(RFM, t("Segment"), "dimension", level=RFM),
        Column("customers", t("Customers"), "metric", "customers", unit="count", format="integer"),
        Column("net_sales", t("Net sales"), "metric", "net_sales", unit="money", format="money"),
        Column("share", t("Share"), "metric", "share", unit="ratio", format="percent"),
    )
    return Frame(columns, tuple(rows), main.provenance, main.currency, notes=_noted(main, context))


def segment_list(frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """Every customer with segment, scores, last order, orders and net sales, the endangered first; of those chosen."""
    main, t = frames["main"], words(context.locale)
    members, names = members_of(main), segment_names(t)
    place = {segment: at for at, segment in enumerate(FIRST)}
    scored = _scored(main, frames.get("last"), context).scored
    ordered = sorted(scored, key=lambda each: (place[each.segment or ""], -each.customer.net, each.customer.key))
    chosen = _chosen(selection)
    called = {segment: Member(segment, names[segment][0]) for segment in {each.segment or "" for each in scored}}
    cells = {cell: Member(cell, _cell_name(cell)) for cell in {each.cell or "" for each in scored}}
    rows: tuple[Row, ...] = tuple(
        (
            members[each.customer.key],
            called[each.segment or ""],
            cells[each.cell or ""],
            each.customer.last,
            each.customer.orders,
            each.customer.net,
        )
        for each in ordered
        if all((each.customer.key in named) is not excluded for named, excluded in chosen)
    )
    columns = (
        main.columns[0],
        Column(RFM, t("Segment"), "dimension", level=RFM),
        Column(CELL, t("Scores"), "dimension", level=CELL),
        last_order_column(t),
        main.column("orders"),
        main.column("net_sales"),
    )
    return Frame(columns, rows, main.provenance, main.currency, notes=_noted(main, context))


def _cell_name(cell: str) -> str:
    return cell.replace("-", " · ")


def _noted(main: Frame, context: QueryContext) -> tuple[str, ...]:
    return (*main.notes, version_note(context.segmentation, words(context.locale)))


def _chosen(selection: Selection) -> list[tuple[frozenset[str], bool]]:
    """The customers that filters and steps name, and whether they are left out: all are scored, whoever is chosen."""
    named = (each for each in selection.where if isinstance(each, Filter) and each.level == "customer")
    return [(frozenset(each.settled().members), each.exclude) for each in named]


def _scored(main: Frame, newest: Frame | None, context: QueryContext) -> Segments:
    settled = context.segmentation
    if settled.money and settled.currency != main.currency:
        raise Invalid(
            "The segments divide customers by amounts in {currency}: look at them in that currency.",
            currency=settled.currency,
        )
    found, of = main.once(("segments", settled), lambda own: (_segments(own, newest, settled), newest))
    return found if of is newest else _segments(main, newest, settled)


def _segments(main: Frame, newest: Frame | None, settled: Segmentation) -> Segments:
    net, orders, members, last = amounts_of(main), amounts_of(main, "orders"), members_of(main), last_days_of(newest)
    span = main.provenance.span
    as_of = max(last.values(), default=date.min) if span is None else span.last_day
    known = [
        Customer(key, last[key], int(orders[key]), net[key])
        for key in members
        if key in last and key in net and orders.get(key)
    ]
    found = segments(known, as_of, settled)
    if found.status != "ok":
        raise Invalid("Too few customers to score: there are fewer than {fewest}.", fewest=20)
    return found
