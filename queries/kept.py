"""Kept: what the house knows besides the figures: loads, quarantine, freshness, totals, campaign days, a customer.

Asked like a metric (a query whose one metric is a name of KEPT), so that panels, tables and files of it are no special
case. It is about all data: periods do not narrow it, and filters only say which customer is meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import func, select

from app.values.context import QueryContext
from app.values.errors import Forbidden
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter, Narrowing
from app.values.words import say
from queries.frame import Column, Frame, Member, Provenance, Row, Source
from queries.identity import identity
from queries.query import Query
from queries.warehouse import schema
from queries.warehouse.engines.engine import Engine, Snapshot
from queries.warehouse.load import import_detail, imports

ZERO = Decimal(0)

KEPT_FACT = "kept"
"""What stands as the fact of such an answer."""

LOADS = 100
"""Past loads that are listed, the newest first."""

_SOLD = Query(("lines",), by=("campaign",), period=Period.parse("all"))
"""The campaigns that sold something."""

ALL_DATA = say("This is about all data: period and filters do not narrow it.")


@dataclass(frozen=True)
class Desk:
    """What an answer is made from: the state of the data, the engine, the workspace, a way to ask for figures, and the
    filters of the question."""

    snapshot: Snapshot
    engine: Engine
    home: Path | None
    context: QueryContext
    ask: Callable[[Query, QueryContext], Frame]
    where: tuple[Narrowing, ...] = ()


def kept_name(query: Query) -> str | None:
    """The name of what a query asks for, if that is something kept."""
    return query.metrics[0] if len(query.metrics) == 1 and query.metrics[0] in KEPT else None


def rests_on(query: Query) -> Query | None:
    """The question whose answer, with the dimensions, is all that an answer rests on; None where there is none such."""
    name = kept_name(query)
    return query if name is None else _SOLD if name == "campaign_days" else None


def kept(name: str, desk: Desk) -> Frame:
    """The answer. Forbidden for whoever sees a part of the rows only, but for what is told of their own rows."""
    if name not in OF_OWN_ROWS and not desk.context.scope.is_everything:
        raise Forbidden("How data were loaded is told to those who see all rows.")
    return KEPT[name](desk)


def _frame(desk: Desk, table: str, columns: tuple[Column, ...], rows: list[Row], *notes: str) -> Frame:
    generation = desk.snapshot.generation
    told = Provenance(generation.number, generation.as_of, None, sources=(Source(KEPT_FACT, table),))
    return Frame(columns, tuple(rows), told, "", notes=notes)


def _dimension(name: str, title: str, level: str | None = None) -> Column:
    return Column(name, title, "dimension", level=level)


def _count(name: str, title: str) -> Column:
    return Column(name, title, "metric", name, unit="count", format="integer")


def _loads(desk: Desk) -> Frame:
    """When, from where, and that rows in are loaded, quarantined and duplicates together."""
    columns = (
        _dimension("load", say("Load")),
        _dimension("started", say("When")),
        _dimension("source", say("Source")),
        _dimension("status", say("State")),
        _count("rows_in", say("Rows in")),
        _count("loaded", say("Loaded")),
        _count("quarantined", say("Quarantined")),
        _count("duplicates", say("Duplicates")),
    )
    generation = desk.snapshot.generation
    found = imports(desk.home, desk.engine)[:LOADS] if desk.home is not None and not generation.is_demo else []
    rows: list[Row] = [
        (
            Member(str(each.id), str(each.id)),
            each.started.date(),
            f"{each.mapping}: {each.source}",
            each.status,
            each.rows_in,
            each.loaded,
            each.quarantined,
            each.duplicates,
        )
        for each in found
    ]
    if not rows:
        name = Member(str(generation.number), generation.source)
        built = (name, generation.created_at.date(), generation.source, "built")
        rows = [(*built, generation.lines, generation.lines, 0, 0)]
    return _frame(desk, "imports", columns, rows, ALL_DATA)


def _quarantine(desk: Desk) -> Frame:
    """Rows that stand in quarantine, by table and reason, from the newest load of each source."""
    columns = (
        _dimension("reason", say("Reason")),
        _dimension("table", say("Table")),
        _dimension("example", say("First example")),
        _count("quarantined", say("Rows")),
    )
    newest: dict[tuple[str, str], int] = {}
    for each in imports(desk.home, desk.engine) if desk.home is not None else ():
        newest.setdefault((each.mapping, each.source), each.id)
    counted: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], str] = {}
    for number in newest.values() if desk.home is not None and not desk.snapshot.generation.is_demo else ():
        for row in import_detail(desk.home, number).quarantined if desk.home is not None else ():
            key = (row.code, row.reason, row.table)
            counted[key] += 1
            examples.setdefault(key, f"{row.source}, {row.line}: {row.column} = {row.raw or ''}")
    rows: list[Row] = [
        (Member(code, reason), table, examples[code, reason, table], count)
        for (code, reason, table), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]
    if rows:
        return _frame(desk, "imports", columns, rows, ALL_DATA)
    return _frame(desk, "imports", columns, [(None, None, None, None)], say("No row stands in quarantine."))


def _freshness(desk: Desk) -> Frame:
    """Each fact's first and newest day, and how many days ago the newest was."""
    columns = (
        _dimension("fact", say("Data")),
        _dimension("first", say("First")),
        _dimension("newest", say("Newest")),
        _count("days", say("Days ago")),
    )
    generation, today = desk.snapshot.generation, desk.context.today
    rows: list[Row] = [_aged(Member("sales_line", "Sales"), generation.first_day, generation.as_of, today)]
    for name, title, table in (("budget", "Budget", schema.budget), ("quota", "Quota", schema.quota)):
        statement = select(func.min(table.c.month), func.max(table.c.month))
        ((first, last),) = desk.snapshot.fetch(statement, Scope.everything())
        rows.append(_aged(Member(name, title), first, last, today))
    return _frame(desk, "generation", columns, rows, ALL_DATA)


def _aged(fact: Member, first: date | None, newest: date | None, today: date) -> Row:
    """A plan that reaches into the future is not late: it is as old as nothing."""
    return fact, first, newest, None if newest is None else max(0, (today - newest).days)


def _totals(desk: Desk) -> Frame:
    """Per currency: what was booked when the data were published, what the order lines and the panels add up to.

    Panels cannot show a currency without rates; the lines, and files of them, have every one as it was booked.
    """
    columns = (
        _dimension("currency", say("Currency")),
        Column(
            "source_total", say("Booked at the source"), "metric", "source_total", unit="quantity", format="decimal"
        ),
        Column("line_total", say("Order lines"), "metric", "line_total", unit="quantity", format="decimal"),
        Column("panel_total", say("Shown by panels"), "metric", "panel_total", unit="quantity", format="decimal"),
        Column("difference", say("Difference"), "metric", "difference", unit="quantity", format="decimal"),
        _dimension("agrees", say("Agrees")),
    )
    generation, line = desk.snapshot.generation, schema.sales_line.c
    statement = select(line.currency_key, func.sum(line.net)).group_by(line.currency_key)
    lines = {str(key): Decimal(net) for key, net in desk.snapshot.fetch(statement, Scope.everything())}
    rows: list[Row] = []
    for currency in sorted({*generation.control_totals, *lines}):
        booked, told = generation.control_totals.get(currency, ZERO), lines.get(currency, ZERO)
        shown = _shown(desk, currency) if currency in generation.reporting else None
        off = told - booked if told != booked or shown is None else shown - booked
        rows.append((Member(currency, currency), booked, told, shown, off, "✗" if off else "✓"))
    return _frame(desk, "generation", columns, rows, ALL_DATA)


def _shown(desk: Desk, currency: str) -> Decimal:
    """What a panel shows of the documents in a currency, in that currency."""
    query = Query(("net_sales",), where=(Filter("currency", (currency,)),), period=Period.parse("all"))
    found = desk.ask(query, replace(desk.context, currency=currency))
    value = found.rows[0][0] if found.rows else None
    return Decimal(value) if isinstance(value, Decimal | int) else ZERO


def _campaign_days(desk: Desk) -> Frame:
    """The first and last day of each campaign that sold something the viewer may see, with how many days it has."""
    columns = (
        _dimension("campaign", say("Campaign"), "campaign"),
        _dimension("starts", say("First day")),
        _dimension("ends", say("Last day")),
        _count("days", say("Days")),
    )
    seen = desk.ask(_SOLD, desk.context)
    names = {row[0].key: row[0] for row in seen.rows if isinstance(row[0], Member)}
    table = schema.campaign.c
    read = desk.snapshot.fetch(
        select(table.campaign_key, table.starts, table.ends).order_by(table.starts, table.campaign_key),
        Scope.everything(),
    )
    rows: list[Row] = [
        (names[key], starts, ends, (ends - starts).days + 1)
        for key, starts, ends in read
        if key in names and starts is not None and ends is not None
    ]
    return _frame(desk, "campaign", columns, rows)


def _customer_identity(desk: Desk) -> Frame:
    """What is known of the one customer that the filters name, a row a fact, without what is hidden from the viewer."""
    columns = (_dimension("fact", say("What")), _dimension("told", say("Who it is")))
    rows = identity(desk.where, desk.context, desk.snapshot, desk.ask)
    hidden = (CONTACT_HIDDEN,) if rows and "contact" in desk.context.masks else ()
    return _frame(desk, "customer", columns, rows, *hidden)


CONTACT_HIDDEN = say("Your role does not see customers' contact data.")

OF_OWN_ROWS = frozenset({"campaign_days", "customer_identity"})
"""What everybody is told of, as far as it is in their own rows."""

KEPT: Mapping[str, Callable[[Desk], Frame]] = MappingProxyType(
    {
        "kept_loads": _loads,
        "kept_quarantine": _quarantine,
        "kept_freshness": _freshness,
        "kept_totals": _totals,
        "campaign_days": _campaign_days,
        "customer_identity": _customer_identity,
    }
)
"""What can be asked for, by name."""
