"""An oracle: the same questions answered by plain Python over the raw lines, as slowly and as simply as can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from app.values.calendar import Calendar
from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.scope import Scope
from app.values.selection import Filter
from tests.queries.company import DOCUMENTS, Company, company

DATES = {"booked": "order_date", "invoiced": "invoice_date", "paid": "payment_date"}
MONEY = ("net", "gross", "discount", "returned", "tax", "freight", "cost")
CALENDAR = Calendar()
ZERO = Decimal(0)


@dataclass(frozen=True)
class Sold:
    """One line with every level's key, and its amounts by currency and measure; held lines have none at all."""

    raw: dict[str, Any]
    levels: dict[str, str | None]
    amounts: dict[str, dict[str, Decimal]]

    @property
    def held(self) -> bool:
        """Whether there is no rate for it."""
        return not self.amounts

    def amount(self, measure: str, currency: str) -> Decimal:
        """An amount in a reporting currency; nothing for held lines and unknown costs."""
        return self.amounts[currency].get(measure, ZERO) if self.amounts else ZERO


@cache
def sold(documents: int = DOCUMENTS) -> tuple[Sold, ...]:
    """All lines of the company with so many documents."""
    return tuple(_sold(company(documents)))


def _sold(of: Company) -> Iterable[Sold]:
    by = {
        name: {row[f"{name}_key"]: row for row in of.tables[name]}
        for name in ("place", "team", "product", "customer", "campaign", "channel")
    }
    rates = {(row["currency_key"], row["day"]): row["rate"] for row in of.tables["published_rate"]}
    for raw in of.tables["sales_line"]:
        customer = by["customer"].get(raw.get("customer_key") or "", {})
        place = by["place"].get(raw.get("place_key") or customer.get("place_key") or "", {})
        product = by["product"].get(raw.get("product_key") or "", {})
        rep = _rep(of, raw.get("rep_key"), raw["order_date"])
        team = by["team"].get(rep.get("team_key") or "", {})
        levels = {
            **{level: place.get(f"{level}_key") for level in ("market", "country", "region", "state", "city")},
            **{level: team.get(f"{level}_key") for level in ("department", "team")},
            "rep": raw.get("rep_key"),
            **{level: product.get(f"{level}_key") for level in ("category", "subcategory", "product")},
            **{level: customer.get(f"{level}_key") for level in ("industry", "segment", "customer")},
            "account_owner": customer.get("owner_rep_key"),
            **{level: raw.get(f"{level}_key") for level in ("channel", "campaign", "currency", "document", "line")},
            "document_type": raw["document_type"],
        }
        yield Sold(raw, levels, _amounts(raw, rates))


def _amounts(raw: dict[str, Any], rates: dict[tuple[str, date], Decimal]) -> dict[str, dict[str, Decimal]]:
    """The amounts of a line in each reporting currency, at the rates of its order date."""
    own, dollar = (
        Decimal(1) if code == "EUR" else rates.get((code, raw["order_date"])) for code in (raw["currency_key"], "USD")
    )
    if own is None or dollar is None:
        return {}
    found = {}
    for reporting, of_reporting in (("EUR", Decimal(1)), ("USD", dollar)):
        rate = (own / of_reporting).quantize(Decimal("1e-8"), ROUND_HALF_UP)
        found[reporting] = {measure: raw[measure] * rate for measure in MONEY if raw.get(measure) is not None}
    return found


def _rep(of: Company, key: str | None, day: date) -> dict[str, Any]:
    for row in of.tables["rep"]:
        since, until = row.get("valid_from"), row.get("valid_to")
        if row["rep_key"] == key and (not since or since <= str(day)) and (not until or str(day) < until):
            return row
    return {}


def visible(line: Sold, scope: Scope) -> bool:
    """Whether some clause of the scope matches the line on all its levels."""
    return any(all(line.levels.get(level) in keys for level, keys in clause) for clause in scope.clauses)


def passes(line: Sold, each: Filter, basis: str = "booked") -> bool:
    """Whether a line passes a filter."""
    return (key_of(line, (each.level,), basis)[0] in each.members) != each.exclude


def matching(
    start: date,
    end: date,
    *,
    scope: Scope,
    where: Iterable[Filter] = (),
    basis: str = "booked",
    documents: int = DOCUMENTS,
) -> list[Sold]:
    """The lines in [start, end) by a basis that a viewer sees and the filters leave."""
    found = []
    for line in sold(documents):
        day = line.raw.get(DATES[basis])
        if day is None or not start <= day < end:
            continue
        if visible(line, scope) and all(passes(line, each, basis) for each in where):
            found.append(line)
    return found


def key_of(line: Sold, by: Iterable[str], basis: str) -> tuple[str, ...]:
    """The row of an answer that a line falls into."""
    return tuple(
        CALENDAR.key(level, line.raw[DATES[basis]]) if level in TIME_LEVELS else line.levels[level] or NO_MEMBER
        for level in by
    )


def figure(metric: str, lines: list[Sold], currency: str = "EUR", basis: str = "booked") -> Any:
    """A metric over lines in a currency, or None where it is undefined."""
    if metric in ("first_order", "last_order"):
        days = [line.raw[DATES[basis]] for line in lines if line.raw["document_type"] != "credit_note"]
        return (min if metric == "first_order" else max)(days, default=None)
    if metric in QUOTIENTS:
        above, below = (figure(part, lines, currency) for part in QUOTIENTS[metric])
        return None if above is None or not below else above / Decimal(below)
    if metric in ("units", "lines", "orders", "customers", "products", "reps"):
        return _counted(metric, lines)
    if lines and all(line.held for line in lines):
        return None

    def total(measure: str, among: Iterable[Sold] = lines) -> Decimal:
        return sum((line.amount(measure, currency) for line in among), ZERO)

    match metric:
        case "net_sales" | "gross_sales":
            return total(metric.removesuffix("_sales"))
        case "returns":
            return total("returned")
        case "sales_before_returns":
            return total("gross") - total("discount")
        case "costed_net_sales":
            return total("net", [line for line in lines if line.raw.get("cost") is not None])
        case "margin":
            return figure("costed_net_sales", lines, currency) - total("cost")
        case "credited_net_sales":
            return total("net", [line for line in lines if line.levels["rep"] is not None])
    return total(metric)


def _counted(metric: str, lines: list[Sold]) -> Any:
    sales = [line for line in lines if line.raw["document_type"] != "credit_note"]
    match metric:
        case "units":
            return sum((line.raw["quantity"] for line in lines), ZERO)
        case "lines":
            return len(lines)
        case "orders":
            return len({line.raw["document_key"] for line in sales})
    return len({line.levels[metric.removesuffix("s")] for line in sales} - {None})


QUOTIENTS = {
    "average_order_value": ("net_sales", "orders"),
    "return_rate": ("returns", "sales_before_returns"),
    "margin_rate": ("margin", "costed_net_sales"),
    "revenue_per_rep": ("net_sales", "reps"),
    "net_sales_per_customer": ("net_sales", "customers"),
    "discount_rate": ("discount", "gross_sales"),
    "average_price": ("net_sales", "units"),
}
METRICS = (
    "net_sales",
    "gross_sales",
    "discount",
    "tax",
    "freight",
    "returns",
    "return_rate",
    "cost",
    "margin",
    "margin_rate",
    "units",
    "lines",
    "orders",
    "customers",
    "products",
    "average_order_value",
    "revenue_per_rep",
    "credited_net_sales",
    "net_sales_per_customer",
    "discount_rate",
    "average_price",
    "first_order",
    "last_order",
)
