"""An oracle: the same questions answered by plain Python over the raw lines, as slowly and as simply as can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from app.values.calendar import Calendar
from app.values.hierarchy import NO_MEMBER, TIME_LEVELS
from app.values.scope import Scope
from app.values.selection import Filter
from tests.queries.company import Company, company

DATES = {"booked": "order_date", "invoiced": "invoice_date", "paid": "payment_date"}
MONEY = ("net", "gross", "discount", "returned", "tax", "freight", "cost")
CALENDAR = Calendar()


@dataclass(frozen=True)
class Sold:
    """One line with every level's key and its amounts in euros; held lines have no rate."""

    raw: dict[str, Any]
    levels: dict[str, str | None]
    rate: Decimal | None

    def euros(self, measure: str) -> Decimal:
        """An amount in euros; nothing for held lines and unknown costs."""
        amount = self.raw.get(measure)
        return amount * self.rate if self.rate is not None and amount is not None else Decimal(0)


@cache
def sold() -> tuple[Sold, ...]:
    """All lines of the company."""
    return tuple(_sold(company()))


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
        currency = raw["currency_key"]
        rate = Decimal(1) if currency == "EUR" else rates.get((currency, raw["order_date"]))
        yield Sold(raw, levels, rate)


def _rep(of: Company, key: str | None, day: date) -> dict[str, Any]:
    for row in of.tables["rep"]:
        since, until = row.get("valid_from"), row.get("valid_to")
        if row["rep_key"] == key and (not since or since <= str(day)) and (not until or str(day) < until):
            return row
    return {}


def visible(line: Sold, scope: Scope) -> bool:
    """Whether some clause of the scope matches the line on all its levels."""
    return any(all(line.levels.get(level) in keys for level, keys in clause) for clause in scope.clauses)


def passes(line: Sold, each: Filter) -> bool:
    """Whether a line passes a filter."""
    return ((line.levels[each.level] or NO_MEMBER) in each.members) != each.exclude


def matching(
    start: date, end: date, *, scope: Scope, where: Iterable[Filter] = (), basis: str = "booked"
) -> list[Sold]:
    """The lines in [start, end) by a basis that a viewer sees and the filters leave."""
    found = []
    for line in sold():
        day = line.raw.get(DATES[basis])
        if day is not None and start <= day < end and visible(line, scope) and all(passes(line, f) for f in where):
            found.append(line)
    return found


def key_of(line: Sold, by: Iterable[str], basis: str) -> tuple[str, ...]:
    """The row of an answer that a line falls into."""
    return tuple(
        CALENDAR.key(level, line.raw[DATES[basis]]) if level in TIME_LEVELS else line.levels[level] or NO_MEMBER
        for level in by
    )


def figure(metric: str, lines: list[Sold]) -> Any:
    """A metric over lines, or None where it is undefined."""
    held = bool(lines) and all(line.rate is None for line in lines)
    sales = [line for line in lines if line.raw["document_type"] != "credit_note"]
    money = {measure: sum((line.euros(measure) for line in lines), Decimal(0)) for measure in MONEY}
    costed = sum((line.euros("net") for line in lines if line.raw.get("cost") is not None), Decimal(0))
    orders = len({line.raw["document_key"] for line in sales})
    plain = {
        "units": sum((line.raw["quantity"] for line in lines), Decimal(0)),
        "lines": len(lines),
        "orders": orders,
        "customers": len({line.levels["customer"] for line in sales} - {None}),
        "reps": len({line.levels["rep"] for line in sales} - {None}),
    }
    if metric in plain:
        return plain[metric]
    if held:
        return None
    amounts = {
        "net_sales": money["net"],
        "gross_sales": money["gross"],
        "discount": money["discount"],
        "returns": money["returned"],
        "cost": money["cost"],
        "margin": costed - money["cost"],
        "credited_net_sales": sum((line.euros("net") for line in lines if line.levels["rep"] is not None), Decimal(0)),
    }
    if metric in amounts:
        return amounts[metric]
    above, below = {
        "average_order_value": (money["net"], Decimal(orders)),
        "return_rate": (money["returned"], money["gross"] - money["discount"]),
        "margin_rate": (costed - money["cost"], costed),
        "revenue_per_rep": (money["net"], Decimal(plain["reps"])),
    }[metric]
    return above / below if below else None


METRICS = (
    "net_sales",
    "gross_sales",
    "discount",
    "returns",
    "return_rate",
    "cost",
    "margin",
    "margin_rate",
    "units",
    "lines",
    "orders",
    "customers",
    "average_order_value",
    "revenue_per_rep",
    "credited_net_sales",
)
