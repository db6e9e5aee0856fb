"""The star schema: what a sale, a budget and a quota are, and the dimensions they hang on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
)

warehouse = MetaData()

MONEY = Numeric(18, 4)
RATE = Numeric(18, 8)
EXACT = Numeric(38, 12)
"""MONEY × RATE, summed: rollups keep sums exact so that they equal the fact's to the cent."""


def _key(name: str, *, nullable: bool = True) -> Column[str]:
    return Column(name, String, nullable=nullable)


calendar = Table(
    "calendar",
    warehouse,
    Column("day", Date, nullable=False),
    *(
        _key(level, nullable=False)
        for level in ("year", "quarter", "month", "week", "fiscal_year", "fiscal_quarter", "fiscal_month")
    ),
    Column("month_start", Date, nullable=False),
    Column("is_working_day", Boolean, nullable=False),
)

place = Table(
    "place",
    warehouse,
    Column("place_id", Integer, nullable=False),
    _key("place_key", nullable=False),
    _key("market_key"),
    _key("market"),
    _key("country_key"),
    _key("country"),
    _key("country_code"),  # ISO 3166-1 alpha-3, what map outlines are keyed by
    _key("region_key"),
    _key("region"),
    _key("state_key"),
    _key("state"),
    _key("state_code"),  # two letters, United States only
    _key("city_key"),
    _key("city"),
)

team = Table(
    "team",
    warehouse,
    Column("team_id", Integer, nullable=False),
    _key("team_key", nullable=False),
    _key("team"),
    _key("department_key"),
    _key("department"),
    _key("lead_rep_key"),
    Column("valid_from", Date),  # a version holds on [valid_from, valid_to); missing = open
    Column("valid_to", Date),
)

rep = Table(
    "rep",
    warehouse,
    Column("rep_id", Integer, nullable=False),
    _key("rep_key", nullable=False),
    _key("rep"),
    _key("title"),
    _key("email"),
    _key("manager_key"),
    _key("team_key"),
    Column("hired", Date),
    Column("left", Date),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

product = Table(
    "product",
    warehouse,
    Column("product_id", Integer, nullable=False),
    _key("product_key", nullable=False),
    _key("product"),
    _key("subcategory_key"),
    _key("subcategory"),
    _key("category_key"),
    _key("category"),
    Column("unit_cost", MONEY),
    Column("list_price", MONEY),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

customer = Table(
    "customer",
    warehouse,
    Column("customer_id", Integer, nullable=False),
    _key("customer_key", nullable=False),
    _key("customer"),
    _key("customer_type"),
    _key("industry_key"),
    _key("industry"),
    _key("segment_key"),
    _key("segment"),
    Column("place_id", Integer),
    _key("owner_rep_key"),  # who owns the account today
    _key("email"),
    _key("phone"),
    Column("since", Date),
    Column("custom", String),  # JSON object of the company's own fields
)

campaign = Table(
    "campaign",
    warehouse,
    Column("campaign_id", Integer, nullable=False),
    _key("campaign_key", nullable=False),
    _key("campaign"),
    _key("campaign_type"),
    Column("starts", Date),
    Column("ends", Date),
)

channel = Table(
    "channel",
    warehouse,
    Column("channel_id", Integer, nullable=False),
    _key("channel_key", nullable=False),
    _key("channel"),
)

currency = Table(
    "currency",
    warehouse,
    _key("currency_key", nullable=False),
    _key("currency"),
)

published_rate = Table(
    "published_rate",  # as the source publishes it: units of the company currency per unit of this one
    warehouse,
    _key("currency_key", nullable=False),
    Column("day", Date, nullable=False),
    Column("rate", RATE, nullable=False),
)

rate = Table(
    "rate",  # derived at load: one row per day that has a usable rate
    warehouse,
    _key("currency_key", nullable=False),
    _key("reporting_key", nullable=False),
    Column("day", Date, nullable=False),
    Column("rate", RATE, nullable=False),
)

sales_line = Table(
    "sales_line",
    warehouse,
    _key("line_key", nullable=False),  # unique over all sources
    _key("document_key", nullable=False),
    Column("document_id", BigInteger, nullable=False),  # 64-bit hash of document_key, for counting
    _key("document_type", nullable=False),  # invoice | order | receipt | credit_note
    _key("document_number", nullable=False),
    Column("line_number", Integer, nullable=False),
    _key("chain_id"),  # linked documents of one sale share it and never add within one basis
    Column("order_date", Date, nullable=False),
    Column("invoice_date", Date),
    Column("payment_date", Date),
    Column("customer_id", Integer),
    Column("product_id", Integer),  # the version valid at the sale
    Column("rep_id", Integer),  # rep, team and place are those at the sale
    Column("team_id", Integer),
    Column("place_id", Integer),
    Column("campaign_id", Integer),
    Column("channel_id", Integer),
    _key("currency_key", nullable=False),
    Column("quantity", MONEY, nullable=False),
    Column("unit_price", MONEY, nullable=False),
    Column("gross", MONEY, nullable=False),  # 0 on return lines
    Column("discount", MONEY, nullable=False),  # 0 on return lines
    Column("returned", MONEY, nullable=False),  # −net on return lines, else 0; net = gross − discount − returned
    Column("net", MONEY, nullable=False),  # without tax and freight
    Column("tax", MONEY, nullable=False),
    Column("freight", MONEY, nullable=False),
    Column("cost", MONEY),  # missing = unknown, never 0; negative on return lines
    Column("recurring", Boolean, nullable=False),
    _key("original_line_key"),  # a return's sale line, where known
    Column("order_head", SmallInteger, nullable=False),  # 1 on one line of each document but credit notes
    Column("first_sale", SmallInteger, nullable=False),  # 1 on the one line that opened the customer
    _key("source", nullable=False),
    Column("load_id", Integer, nullable=False),
)

PLAN_LEVELS: tuple[str, ...] = (
    "market",
    "country",
    "region",
    "state",
    "city",
    "department",
    "team",
    "rep",
    "category",
    "subcategory",
    "product",
    "channel",
)
"""Levels a plan row may be set at; keys above a set level in its hierarchy are filled in, all others are missing."""


def _plan(name: str) -> Table:
    return Table(
        name,
        warehouse,
        _key("plan_key", nullable=False),
        _key("version", nullable=False),  # e.g. "original", "revised"
        Column("month", Date, nullable=False),  # first of the month
        *(_key(f"{level}_key") for level in PLAN_LEVELS),
        _key("currency_key", nullable=False),
        Column("amount", MONEY, nullable=False),
        _key("source", nullable=False),
        Column("load_id", Integer, nullable=False),
    )


budget = _plan("budget")
quota = _plan("quota")  # a quarter's quota is spread over its months by largest remainder at load

month_version = Table(
    "month_version",  # grows whenever a month of a fact changes: the cache key's data version
    warehouse,
    _key("fact", nullable=False),
    Column("month", Date, nullable=False),
    Column("version", Integer, nullable=False),
)

DIMENSIONS: tuple[Table, ...] = (place, team, rep, product, customer, campaign, channel, currency)
FACTS: tuple[Table, ...] = (sales_line, budget, quota)
BASIS_DATES: Mapping[str, str] = MappingProxyType(
    {"booked": "order_date", "invoiced": "invoice_date", "paid": "payment_date"}
)

MONEY_MEASURES: tuple[str, ...] = ("gross", "discount", "returned", "net", "tax", "freight", "cost", "costed_net")
COUNT_MEASURES: tuple[str, ...] = ("lines", "sale_lines", "orders", "new_customers", "held")
MEASURES: tuple[str, ...] = (*MONEY_MEASURES, "quantity", *COUNT_MEASURES)
"""The columns every rollup carries; costed_net is the net of lines whose cost is known."""

SALE_TYPES: tuple[str, ...] = ("invoice", "order", "receipt")
DOCUMENT_TYPES: tuple[str, ...] = (*SALE_TYPES, "credit_note")

_SURROGATES = {"place_id", "team_id", "rep_id", "product_id", "customer_id", "campaign_id", "channel_id"}
_GIVEN_AT_PUBLISH = {"document_id", "order_head", "first_sale", "source", "load_id"}


def _staged(table: Table) -> tuple[str, ...]:
    own = f"{table.name}_id"
    names: list[str] = []
    for column in table.columns:
        if column.name in _GIVEN_AT_PUBLISH or column.name == own:
            continue
        names.append(column.name.replace("_id", "_key") if column.name in _SURROGATES else column.name)
    return tuple(names)


STAGED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {table.name: _staged(table) for table in (*DIMENSIONS, published_rate, *FACTS)}
)
"""Columns of each natural-keyed table of a staging database: ids become keys, what publishing gives is left out."""
