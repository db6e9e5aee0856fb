"""Small sources for the tests of loading: a shop with three customers, written as files."""

from __future__ import annotations

import csv
from pathlib import Path

from app.values.calendar import Calendar
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Engine
from queries.warehouse.load import LoadReport, LoadSettings, load

HEADER = ("document_number", "line_number", "order_date", "customer", "product", "currency", "quantity", "unit_price")
GOOD = ("D1", "1", "2013-01-05", "C1", "P1", "EUR", "2", "10.50")


def line(**changes: str) -> dict[str, str]:
    """A good sales line with some cells changed."""
    return dict(zip(HEADER, GOOD, strict=True)) | changes


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    """Rows as a CSV; the first row's keys are the header."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def shop(folder: Path, rows: list[dict[str, str]]) -> Path:
    """A folder with these sales lines and the customers and products they may name."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "sales.csv", rows)
    write_csv(folder / "customers.csv", [{"customer": key, "name": key.lower()} for key in ("C1", "C2", "C3")])
    write_csv(folder / "products.csv", [{"product": key, "category": "Bikes"} for key in ("P1", "P2")])
    return folder


def tried(source: Path, home: Path, mapping: str = "template", **settings: object) -> LoadReport:
    """A dry run."""
    return load(None, mapping, source, home=home, settings=LoadSettings(**settings), dry_run=True)  # type: ignore[arg-type]


def warehouse_of(home: Path, currency: str = "EUR") -> Engine:
    """An empty warehouse without rollups."""
    return open_engine("", home, (), Calendar(), currency, (), threads=1)
