"""Loading: lines per second from Parquet and CSV through the `template` mapping, rollups included."""

from __future__ import annotations

import shutil
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from app.values.calendar import Calendar
from queries.catalogue.rollups import ROLLUPS
from queries.warehouse.demo import stage_demo
from queries.warehouse.engines import open_engine
from queries.warehouse.load import load
from tests.bench.company import TODAY
from tests.bench.measure import Results, interleaved

LINES = 3_000_000
"""About so many."""

_TABLES = {
    "sales": """
        SELECT document_number, document_type, line_number, order_date, invoice_date, payment_date,
               customer_key AS customer, product_key AS product, rep_key AS rep, team_key AS team,
               campaign_key AS campaign, channel_key AS channel, currency_key AS currency, quantity, unit_price,
               discount, tax, freight, cost, CASE WHEN recurring THEN 'yes' ELSE 'no' END AS recurring,
               chain_id AS chain, NULL::varchar AS original_line
        FROM sales_line""",
    "customers": """
        SELECT k.customer_key AS customer, k.customer AS name, k.customer_type AS type, k.industry, k.segment, p.market,
               p.country, p.country_code, p.region, p.state, p.state_code, p.city, k.owner_rep_key AS owner, k.email,
               k.phone, k.since
        FROM customer AS k LEFT JOIN place AS p USING (place_key)""",
    "products": """
        SELECT product_key AS product, product AS name, category, subcategory, unit_cost, list_price, valid_from,
               valid_to
        FROM product""",
    "reps": """
        SELECT rep_key AS rep, rep AS name, title, email, manager_key AS manager, team_key AS team, hired, "left",
               valid_from, valid_to
        FROM rep""",
    "teams": "SELECT team_key AS team, team AS name, department, lead_rep_key AS lead, valid_from, valid_to FROM team",
    "rates": "SELECT currency_key AS currency, day, rate FROM published_rate",
    "campaigns": "SELECT campaign_key AS campaign, campaign AS name, campaign_type AS type, starts, ends FROM campaign",
}
"""The demo company written as our own templates."""


def measure(work: Path, results: Results) -> None:
    """One load of each kind, into an empty warehouse each time."""
    folder = work / "templates"
    _write(folder, TODAY)
    for kind, least in (("parquet", 300_000), ("csv", 150_000)):
        came: list[int] = []
        importing = partial(_counted, came, work, folder / kind)
        medians = interleaved(results, 1, {f"import:{kind}": importing})
        speed = came[-1] / (medians[f"import:{kind}"] / 1000)
        results.add(f"import from {kind}, {came[-1]:,} lines, rollups included", speed, "lines/s", at_least=least)


def _counted(came: list[int], work: Path, source: Path) -> None:
    came.append(_import(work, source))


def _write(folder: Path, today: date) -> None:
    if (folder / "csv" / "sales.csv").exists():
        return
    for kind in ("parquet", "csv"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    staging = folder / "staging.duckdb"
    stage_demo(staging, lines=LINES, seed=1, today=today)
    with duckdb.connect(str(staging), read_only=True) as connection:
        for name, select in _TABLES.items():
            connection.execute(f"COPY ({select}) TO '{folder}/parquet/{name}.parquet'")
            connection.execute(f"COPY ({select}) TO '{folder}/csv/{name}.csv' (HEADER)")
    staging.unlink()


def _import(work: Path, source: Path) -> int:
    """Load the folder into an empty warehouse; how many lines came in, which has to be all of them."""
    home = work / "import"
    shutil.rmtree(home, ignore_errors=True)
    engine = open_engine("", home, ROLLUPS, Calendar(), "EUR", ())
    report = load(engine, "template", source, home=home)
    engine.close()
    assert report.quarantined_count == report.duplicates == 0, dict(report.reasons)
    return report.new
