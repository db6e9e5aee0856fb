"""Answers computed straight from a staging database: the stories' figures, independent of how Salient asks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from queries.warehouse.demo import Answer, Question

_SALES = """
create temp table sold as
with known as (select * from published_rate union all select distinct 'EUR', day, 1 from published_rate)
select l.*, coalesce(l.campaign_key, '(none)') as campaign, p.region_key as region, l.rep_key as rep,
 l.customer_key as customer, l.product_key as product, g.category_key as category, r.rate
from sales_line l asof join known r on r.currency_key = l.currency_key and r.day <= l.order_date
join place p on p.place_key = l.place_key
join (select distinct product_key, category_key from product) g on g.product_key = l.product_key
"""
_METRICS = {
    "net_sales": "sum(net * rate)",
    "gross_sales": "sum(gross * rate)",
    "discount": "sum(discount * rate)",
    "margin_rate": "1 - sum(cost * rate) / sum(net * rate)",
    "units": "sum(quantity)",
    "orders": "count(distinct document_key) filter (where document_type <> 'credit_note')",
}
_PLANS = {"budget", "quota", "budget_attainment"}


def open_sales(path: Path) -> duckdb.DuckDBPyConnection:
    """A staging database with its sales converted to EUR."""
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute(_SALES)
    return connection


def answer(connection: duckdb.DuckDBPyConnection, question: Question) -> Answer:
    """A story's question, its plan figures left out."""
    found: dict[tuple[str, ...], dict[str, Decimal | None]] = {}
    first, end = _days(question.period)
    for suffix, years in (("", 0), *((f"@{versus}", 1) for versus in question.versus)):
        metrics = [metric for metric in question.metrics if metric not in _PLANS]
        span = [first.replace(year=first.year - years), end.replace(year=end.year - years)]
        where = ["order_date >= ? and order_date < ?"]
        where += [f"{level} in ({', '.join(repr(member) for member in members)})" for level, members in question.where]
        rows = connection.execute(
            f"select {', '.join([*question.by, *(_METRICS[metric] for metric in metrics)])} from sold"
            f" where {' and '.join(where)} group by {', '.join(question.by) or 'all'}",
            span,
        ).fetchall()
        for row in rows:
            key, figures = row[: len(question.by)], row[len(question.by) :]
            for metric, figure in zip(metrics, figures, strict=True):
                value = None if figure is None else Decimal(str(figure))
                found.setdefault(key, {})[f"{metric}{suffix}"] = value
    return found


def _days(period: str) -> tuple[date, date]:
    if "-Q" in period:
        year, quarter = period.split("-Q")
        return date(int(year), int(quarter) * 3 - 2, 1), _following(date(int(year), int(quarter) * 3, 1))
    first, last = (date.fromisoformat(f"{month}-01") for month in period.split(".."))
    return first, _following(last)


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
