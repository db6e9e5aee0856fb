"""Small staging databases for tests: rows as dictionaries, everything not given is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from queries.warehouse.schema import STAGED, warehouse
from queries.warehouse.staged import sql_type

Row = Mapping[str, Any]


def line(document: str, number: int = 1, **given: Any) -> dict[str, Any]:
    """One staged sales line: `line("D1", net=100, customer_key="C1", order_date="2024-05-03")`.

    Unless given, a line is booked and invoiced on its order date, costs half its net, and is a return where it is
    a credit note or its net is negative.
    """
    row: dict[str, Any] = {
        "line_key": f"{document}/{number}",
        "document_key": document,
        "document_type": "invoice",
        "document_number": document,
        "line_number": number,
        "order_date": date(2024, 1, 15),
        "currency_key": "EUR",
        "net": Decimal(100),
        "tax": Decimal(0),
        "freight": Decimal(0),
        "discount": Decimal(0),
        "recurring": False,
    } | given
    for name in ("order_date", "invoice_date", "payment_date"):
        if isinstance(row.get(name), str):
            row[name] = date.fromisoformat(row[name])
    row.setdefault("invoice_date", row["order_date"])
    net = row["net"] = Decimal(str(row["net"]))
    is_return = row["document_type"] == "credit_note" or net < 0
    row.setdefault("quantity", Decimal(-1 if is_return else 1))
    row.setdefault("returned", -net if is_return else Decimal(0))
    row.setdefault("gross", Decimal(0) if is_return else net + Decimal(row["discount"]))
    row.setdefault("unit_price", abs(net))
    row.setdefault("cost", net / 2)
    return row


def plan(key: str, month: str, amount: Any, **levels: Any) -> dict[str, Any]:
    """One staged budget or quota row: `plan("B1", "2024-05-01", 500, region_key="north")`."""
    return {
        "plan_key": key,
        "version": "original",
        "month": date.fromisoformat(month),
        "currency_key": "EUR",
        "amount": Decimal(str(amount)),
    } | levels


def stage(path: Path, **tables: Iterable[Row]) -> Path:
    """Write a staging database with the given tables: `stage(tmp / "s.duckdb", sales_line=[line("D1")])`."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for name, rows in tables.items():
            types = {column.name: sql_type(column.type) for column in warehouse.tables[name].columns}
            columns = STAGED[name]
            spelt = ", ".join(f'"{column}" {types.get(column, "varchar")}' for column in columns)
            connection.execute(f"create table {name} ({spelt})")
            filled = []
            for row in rows:
                unknown = set(row) - set(columns)
                assert not unknown, f"{name} has no {unknown}"
                filled.append({column: _cell(row.get(column)) for column in columns})
            if filled:
                given = pa.table({column: [row[column] for row in filled] for column in columns})
                connection.register("given", given)
                casts = ", ".join(f'cast("{column}" as {types.get(column, "varchar")})' for column in columns)
                connection.execute(f"insert into {name} select {casts} from given")
                connection.unregister("given")
    return path


def _cell(value: Any) -> str | None:
    """Values travel as text: DuckDB gives them the column's type."""
    return None if value is None else str(value)
