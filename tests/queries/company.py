"""A small company with everything that makes figures hard: currencies, held lines, returns, gaps, moves and plans."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.scope import Scope
from queries.catalogue import catalogue
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Engine
from tests.queries.warehouse.staging import line, plan, stage

TODAY = date(2024, 5, 15)
FIRST = date(2022, 3, 10)
KNOWN = catalogue()
DOCUMENTS = 700
FEW_DOCUMENTS = 300
"""Enough for every member, gap and held line, and quickly asked thousands of times."""
RATES = {"USD": Decimal("0.91"), "CHF": Decimal("1.03")}
REGION_OF = {"nord": "emea", "sued": "emea", "west": "emea", "east": "amer", "south": "amer", "kanto": "apac"}
COUNTRY_OF = {"nord": "de", "sued": "de", "west": "fr", "east": "us", "south": "us", "kanto": "jp"}
TEAM_OF = {"T1": "direct", "T2": "direct", "T3": "partners"}
CATEGORY_OF = {"road": "bikes", "city": "bikes", "helmets": "gear", "lights": "gear"}


@dataclass(frozen=True)
class Company:
    """Staged rows by table, for a warehouse and for an oracle to compute from."""

    tables: dict[str, list[dict[str, Any]]] = field(hash=False)


@cache
def company(documents: int = DOCUMENTS, seed: int = 7) -> Company:
    """The same company every time."""
    chance = random.Random(seed)
    places = [
        {
            "place_key": f"{region}-{i}",
            "market_key": REGION_OF[region],
            "market": REGION_OF[region].upper(),
            "country_key": COUNTRY_OF[region],
            "country": COUNTRY_OF[region].upper(),
            "region_key": region,
            "region": region.title(),
            "state_key": f"{region}-state" if region in ("east", "south") else None,
            "state": f"{region} state" if region in ("east", "south") else None,
            "city_key": f"{region}-city-{i}",
            "city": f"City {i} of {region}",
        }
        for region in REGION_OF
        for i in range(2)
    ]
    teams = [
        {"team_key": key, "team": f"Team {key}", "department_key": department, "department": department.title()}
        for key, department in TEAM_OF.items()
    ]
    reps = [{"rep_key": f"R{i}", "rep": f"Rep {i}", "team_key": f"T{i % 3 + 1}"} for i in range(8)]
    reps[3] |= {"valid_to": "2023-07-01"}
    reps.append({"rep_key": "R3", "rep": "Rep 3", "team_key": "T3", "valid_from": "2023-07-01"})
    products = [
        {
            "product_key": f"P{i}",
            "product": f"Product {i}",
            "subcategory_key": sub,
            "subcategory": sub.title(),
            "category_key": category,
            "category": category.title(),
        }
        for i, (sub, category) in enumerate(list(CATEGORY_OF.items()) * 3)
    ]
    customers = [
        {
            "customer_key": f"C{i}",
            "customer": f"Customer {i}",
            "industry_key": ("tools", "retail", None)[i % 3],
            "industry": ("Tools", "Retail", None)[i % 3],
            "segment_key": ("large", "small")[i % 2],
            "segment": ("Large", "Small")[i % 2],
            "place_key": places[i % len(places)]["place_key"],
            "owner_rep_key": f"R{i % 8}" if i % 5 else None,
            "email": f"c{i}@customers.example",
            "custom": _own_fields(i),
        }
        for i in range(50)
    ]
    lines = list(_lines(chance, documents, places, products, customers))
    days = [FIRST + timedelta(days=i) for i in range((TODAY - FIRST).days + 1)]
    rates = [
        {"currency_key": code, "day": day, "rate": base + Decimal(day.toordinal() % 97) / 10000}
        for code, base in RATES.items()
        for day in days
    ]
    tables = {
        "place": places,
        "team": teams,
        "rep": reps,
        "product": products,
        "customer": customers,
        "campaign": [{"campaign_key": f"K{i}", "campaign": f"Campaign {i}"} for i in range(3)],
        "channel": [{"channel_key": key, "channel": key.title()} for key in ("direct", "online")],
        "currency": [{"currency_key": key, "currency": key} for key in ("EUR", "USD", "CHF", "JPY")],
        "published_rate": rates,
        "sales_line": lines,
        "budget": list(_budgets()),
        "quota": list(_quotas()),
    }
    return Company(tables)


def _own_fields(number: int) -> str | None:
    """What the company keeps of a customer: some know nothing, some write words where numbers belong."""
    if number % 7 == 6:
        return None
    fields: dict[str, Any] = {"tier": ("gold", "silver", "", None)[number % 4], "seats": number * 3 - 10}
    if number % 5 == 0:
        fields["seats"] = "n/a"
    if number % 3:
        fields["renewal"] = (FIRST + timedelta(days=number * 20)).isoformat()
    return json.dumps({**fields, "Größe (m²)": number / 4, "vip": number % 2 == 0})


def _lines(chance: random.Random, documents: int, places: Any, products: Any, customers: Any) -> Iterator[Any]:
    span = (TODAY - FIRST).days
    for number in range(documents):
        day = FIRST + timedelta(days=chance.randrange(span))
        credit = chance.random() < 0.08
        # The yen has no rates at all: its lines are held.
        currency = chance.choices(("EUR", "USD", "CHF", "JPY"), (60, 25, 12, 3))[0]
        place = chance.choice(places)["place_key"] if chance.random() < 0.93 else None
        customer = chance.choice(customers)
        head = {
            "document_type": "credit_note" if credit else chance.choice(("invoice", "order", "receipt")),
            "order_date": day,
            "invoice_date": day + timedelta(days=chance.randrange(20)) if chance.random() < 0.9 else None,
            "payment_date": day + timedelta(days=30 + chance.randrange(40)) if chance.random() < 0.6 else None,
            "customer_key": customer["customer_key"] if chance.random() < 0.97 else None,
            "rep_key": f"R{chance.randrange(8)}" if chance.random() < 0.8 else None,
            "place_key": place,
            "channel_key": chance.choice(("direct", "online", None)),
            "currency_key": currency,
        }
        for position in range(1, chance.choice((1, 1, 2, 3, 4, 6)) + 1):
            amount = Decimal(chance.randrange(100, 900_000)) / 100
            returned = credit or chance.random() < 0.03
            yield line(
                f"D{number:05}",
                position,
                **head,
                net=-amount if returned else amount,
                discount=Decimal(0) if returned else Decimal(chance.randrange(0, 5000)) / 100,
                product_key=chance.choice(products)["product_key"] if chance.random() < 0.97 else None,
                campaign_key=chance.choice(("K0", "K1", "K2", None, None)),
                **({"cost": None} if chance.random() < 0.1 else {}),
            )


def _months() -> Iterator[str]:
    for index in range(2022 * 12 + 2, 2024 * 12 + 12):
        yield f"{index // 12}-{index % 12 + 1:02}-01"


def _budgets() -> Iterator[dict[str, Any]]:
    """By region in Europe, by market elsewhere; the first half of 2024 was revised."""
    for month in _months():
        for region in ("nord", "sued", "west"):
            yield plan(f"B-{region}-{month}", month, 50_000 + len(region) * 1000, market_key="emea", region_key=region)
        yield plan(f"B-amer-{month}", month, 80_000, market_key="amer", currency_key="USD")
        if "2024-01-01" <= month <= "2024-06-01":
            for region in ("nord", "sued", "west"):
                yield plan(
                    f"V-{region}-{month}", month, 61_234, market_key="emea", region_key=region, version="revised"
                )
            yield plan(f"V-amer-{month}", month, 90_000, market_key="amer", currency_key="USD", version="revised")


def _quotas() -> Iterator[dict[str, Any]]:
    for month in _months():
        for i in range(6):
            yield plan(f"Q-R{i}-{month}", month, 20_000 + i, rep_key=f"R{i}")


@contextmanager
def warehouse_of(company: Company, home: Path, url: str = "duckdb:") -> Iterator[Engine]:
    """An engine that holds the company, reporting in euros and dollars."""
    # More threads cost more than they bring where there is so little to read.
    engine = open_engine(url, home, KNOWN.rollups, Calendar(), "EUR", ("EUR", "USD"), threads=1)
    engine.publish(stage(home / "staging.duckdb", **company.tables), note="the company", source="tests")
    try:
        yield engine
    finally:
        engine.close()


def context(scope: Scope | None = None, **given: Any) -> QueryContext:
    """Everything may be seen, in euros, on the company's today, unless told otherwise."""
    return QueryContext(scope=scope or Scope.everything(), today=TODAY, **({"currency": "EUR"} | given))
