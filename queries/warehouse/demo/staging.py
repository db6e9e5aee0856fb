"""Staging of the demo company: its tables written to a DuckDB file, natural-keyed, as every load writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from queries.warehouse.demo.campaigns import campaign_rows
from queries.warehouse.demo.company import TEAM_KEYS, Company, Integers, found
from queries.warehouse.demo.customers import customer_rows
from queries.warehouse.demo.money import COMPANY_CURRENCY, CURRENCIES, currency_rows
from queries.warehouse.demo.people import rep_rows, team_rows
from queries.warehouse.demo.places import CITIES, place_rows
from queries.warehouse.demo.plans import Ledger, budget_rows, quota_rows
from queries.warehouse.demo.plot import Plot
from queries.warehouse.demo.products import product_rows
from queries.warehouse.demo.sales import (
    CHANNEL_NAMES,
    CHANNELS,
    NONE,
    PREFIXES,
    TYPES,
    Chunk,
    Documents,
    Lines,
    sell,
)
from queries.warehouse.engines.engine import Progress
from queries.warehouse.schema import STAGED, warehouse
from queries.warehouse.staged import sql_type

EPOCH = date(1970, 1, 1).toordinal()
MEMORY_LIMIT = "1GB"
_LINES_OF_A_COMMIT = 100_000
"""A commit reaches the disk, so small chunks share one; large ones must not pile up in memory."""


@dataclass(frozen=True)
class Staged:
    """What was written: counts of the facts' rows."""

    lines: int
    documents: int
    budget_rows: int
    quota_rows: int


def stage_demo(
    path: Path,
    *,
    lines: int,
    seed: int,
    today: date,
    without: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> Staged:
    """Write the demo company of about `lines` order lines to a new staging database at `path`.

    Deterministic in its arguments. Raises Invalid for an unknown story.
    """
    company = found(Plot(today, without), lines, seed)
    connection = duckdb.connect(
        str(path),
        config={
            "memory_limit": MEMORY_LIMIT,
            "preserve_insertion_order": True,
            "storage_compatibility_version": "latest",  # written in two thirds of the time
        },
    )
    try:
        connection.execute("begin")
        for name, columns in STAGED.items():
            connection.execute(_create(name, columns))
        _write_members(connection, company)
        ledger = Ledger(company)
        documents, written = 0, 0
        for chunk in sell(company):
            ledger.add(chunk)
            _write_chunk(connection, company, chunk)
            documents += len(chunk.documents) + len(chunk.credits)
            written += len(chunk.lines) + len(chunk.credit_lines)
            if len(chunk.lines) > _LINES_OF_A_COMMIT:
                connection.execute("commit")
                connection.execute("begin")
            if progress is not None:
                progress("writing sales", min(1.0, written / lines))
        budget, quota = budget_rows(company, ledger), quota_rows(company, ledger)
        _write(connection, "budget", budget)
        _write(connection, "quota", quota)
        connection.execute("commit")
        connection.execute("checkpoint")
    finally:
        connection.close()
    return Staged(written, documents, len(budget["plan_key"]), len(quota["plan_key"]))


def _create(name: str, columns: Sequence[str]) -> str:
    types = {column.name: sql_type(column.type) for column in warehouse.tables[name].columns}
    typed = ", ".join(f'"{column}" {types.get(column, "varchar")}' for column in columns)
    return f"create table {name} ({typed})"


def _write_members(connection: duckdb.DuckDBPyConnection, company: Company) -> None:
    plot = company.plot
    today = np.full(len(company.customers.keys), plot.today.toordinal())
    owners = company.owners(np.arange(len(company.customers.keys)), today)
    rates = company.rates
    foreign = [number for number, code in enumerate(CURRENCIES) if code != COMPANY_CURRENCY]
    tables: Mapping[str, Mapping[str, Any]] = {
        "place": place_rows(),
        "team": team_rows(),
        "rep": rep_rows(plot),
        "product": product_rows(company.goods),
        "customer": customer_rows(company.customers, [company.reps[owner].key for owner in owners]),
        "campaign": campaign_rows(plot),
        "channel": {"channel_key": list(CHANNELS), "channel": list(CHANNEL_NAMES)},
        "currency": currency_rows(),
        "published_rate": {
            "currency_key": [CURRENCIES[number] for number in foreign for _ in rates.days],
            "day": list(rates.days) * len(foreign),
            "rate": rates.published[foreign].ravel(),
        },
    }
    for name, rows in tables.items():
        _write(connection, name, rows)


_MONEY_COLUMNS = {"unit_cost": 4, "list_price": 4, "amount": 4, "rate": 8}
_WIDE = 18


def _write(connection: duckdb.DuckDBPyConnection, name: str, rows: Mapping[str, Any]) -> None:
    """Insert a small table given by column."""
    arrays = {
        column: _decimals(np.asarray(values, dtype=np.int64), _MONEY_COLUMNS[column])
        if column in _MONEY_COLUMNS
        else _plain(name, column, values)
        for column, values in rows.items()
    }
    connection.register("given", pa.table(arrays))
    connection.execute(f"insert into {name} by name select * from given")
    connection.unregister("given")


def _plain(name: str, column: str, values: Sequence[object]) -> pa.Array:
    kind = {column.name: sql_type(column.type) for column in warehouse.tables[name].columns}.get(column, "varchar")
    return pa.array(values, type={"date": pa.date32(), "boolean": pa.bool_()}.get(kind, pa.string()))


def _decimals(amounts: Integers, scale: int) -> pa.Array:
    """Whole numbers of the smallest unit as decimals: each is sixteen bytes, its sign carried into the upper eight."""
    wide = np.empty((len(amounts), 2), dtype=np.int64)
    wide[:, 0] = amounts
    wide[:, 1] = amounts >> 63
    return pa.Decimal128Array.from_buffers(pa.decimal128(_WIDE, scale), len(amounts), [None, pa.py_buffer(wide)])


def _words(positions: Integers, words: Sequence[str]) -> pa.Array:
    """Positions as words, NONE as missing; every word is stored once."""
    return pa.DictionaryArray.from_arrays(
        pa.array(positions.astype(np.int32), mask=positions == NONE), pa.array(words, pa.string())
    )


def _days(ordinals: Integers) -> pa.Array:
    return pa.array((ordinals - EPOCH).astype(np.int32), mask=ordinals == NONE).cast(pa.date32())


_INSERT = """insert into sales_line by name
select number || '-' || line_number as line_key, number as document_key, number as document_number,
 document_type, line_number, coalesce(sale, number) as chain_id, order_date, invoice_date, payment_date,
 customer_key, product_key, rep_key, team_key, place_key, campaign_key, channel_key, currency_key,
 quantity, unit_price, gross, discount, returned, net, tax, freight, cost, recurring,
 sale || '-' || original as original_line_key
from (select *, prefix || printf('%07d', sequence) as number, sale_prefix || printf('%07d', sale_sequence) as sale
 from given)"""


def _write_chunk(connection: duckdb.DuckDBPyConnection, company: Company, chunk: Chunk) -> None:
    sales = _line_table(company, chunk.documents, chunk.lines)
    connection.register("given", _with_origin(company, sales, None, None))
    connection.execute(_INSERT)
    connection.unregister("given")
    if len(chunk.credit_lines):
        returned = _line_table(company, chunk.credits, chunk.credit_lines)
        origin = chunk.documents.take(chunk.origin).take(chunk.credit_lines.document)
        connection.register("given", _with_origin(company, returned, origin, chunk.original))
        connection.execute(_INSERT)
        connection.unregister("given")


def _prefixes(company: Company, documents: Documents) -> pa.Array:
    """`INV-2026-` and the like: the type and the year that a document's number begins with."""
    years = company.plot.years
    firsts = np.array([date(year, 1, 1).toordinal() for year in years])
    words = [f"{prefix}-{year}-" for prefix in PREFIXES for year in years]
    return _words(documents.kind * len(years) + np.searchsorted(firsts, documents.day, "right") - 1, words)


def _with_origin(
    company: Company, table: dict[str, pa.Array], origin: Documents | None, original: Integers | None
) -> pa.Table:
    count = len(table["sequence"])
    if origin is None:
        missing = pa.nulls(count, pa.int64())
        table |= {"sale_prefix": pa.nulls(count, pa.string()), "sale_sequence": missing, "original": missing}
    else:
        table |= {
            "sale_prefix": _prefixes(company, origin),
            "sale_sequence": pa.array(origin.number),
            "original": pa.array(original),
        }
    return pa.table(table)


def _line_table(company: Company, documents: Documents, lines: Lines) -> dict[str, pa.Array]:
    base, goods = company.customers, company.goods
    of_line = documents.take(lines.document)
    money = {
        name: _decimals(getattr(lines, name), 4)
        for name in ("quantity", "gross", "discount", "returned", "net", "tax", "freight", "cost")
    }
    return {
        "prefix": _prefixes(company, of_line),
        "sequence": pa.array(of_line.number),
        "document_type": _words(of_line.kind, TYPES),
        "line_number": pa.array(lines.number.astype(np.int32)),
        "order_date": _days(of_line.day),
        "invoice_date": _days(of_line.invoiced),
        "payment_date": _days(of_line.paid),
        "customer_key": _words(of_line.customer, base.keys),
        "product_key": _words(lines.product, goods.keys),
        "rep_key": _words(of_line.rep, [rep.key for rep in company.reps]),
        "team_key": _words(of_line.team, TEAM_KEYS),
        "place_key": _words(base.place[of_line.customer], [city.key for city, _ in CITIES]),
        "campaign_key": _words(of_line.campaign, [campaign.key for campaign in company.campaigns]),
        "channel_key": _words(of_line.channel, CHANNELS),
        "currency_key": _words(company.currency[base.country[of_line.customer]], CURRENCIES),
        "unit_price": _decimals(lines.price, 4),
        **money,
        "recurring": pa.array(goods.recurring[lines.product]),
    }
