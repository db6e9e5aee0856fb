"""Levels: everything figures can be broken down by, filtered on and scoped to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.values.hierarchy import ACCOUNT_OWNER, hierarchy_of
from queries.catalogue.model import Level
from queries.warehouse.schema import PLAN_LEVELS

_PLANS = ("budget", "quota")
_PLAN_TIME = frozenset({"year", "quarter", "month", "fiscal_year", "fiscal_quarter", "fiscal_month"})


def _reached(level: str, sales_via: str) -> Mapping[str, str]:
    own = dict.fromkeys(_PLANS, f"{level}_key") if level in PLAN_LEVELS else {}
    return MappingProxyType({"sales_line": sales_via, **own})


def _dimension(
    level: str, title: str, plural: str, definition: str, table: str, *, document_level: bool = True
) -> Level:
    return Level(
        id=level,
        title=title,
        plural=plural,
        definition=definition,
        hierarchy=hierarchy_of(level),
        table=table,
        key=f"{level}_key",
        name=level,
        via=_reached(level, f"{table}_id"),
        document_level=document_level,
    )


def _beside(level: str, title: str, plural: str, definition: str) -> Level:
    return Level(
        id=f"with_{level}",
        title=title,
        plural=plural,
        definition=definition,
        hierarchy=None,
        table="product",
        key=f"{level}_key",
        name=level,
        via=MappingProxyType({"sales_line": "document_id"}),
        document_level=False,
        listed=False,
        pairs_with=level,
    )


def _time(level: str, title: str, plural: str, definition: str) -> Level:
    facts = ("sales_line", *_PLANS) if level in _PLAN_TIME else ("sales_line",)
    return Level(
        id=level,
        title=title,
        plural=plural,
        definition=definition,
        hierarchy=hierarchy_of(level),
        table="calendar",
        key=level,
        name=None,
        via=MappingProxyType(dict.fromkeys(facts, "date")),
        document_level=True,
    )


def _on_the_line(
    level: str, title: str, plural: str, definition: str, key: str, name: str, *, document_level: bool
) -> Level:
    return Level(
        id=level,
        title=title,
        plural=plural,
        definition=definition,
        hierarchy=None,
        table=None,
        key=key,
        name=name,
        via=MappingProxyType({"sales_line": key}),
        document_level=document_level,
    )


LEVELS: tuple[Level, ...] = (
    _dimension("market", "Market", "Markets", "A part of the world we sell in.", "place"),
    _dimension("country", "Country", "Countries", "The country of the sale.", "place"),
    _dimension("region", "Region", "Regions", "The sales region of the sale.", "place"),
    _dimension("state", "State", "States", "The state or province of the sale.", "place"),
    _dimension("city", "City", "Cities", "The city of the sale.", "place"),
    _dimension("department", "Department", "Departments", "The department of the selling team.", "team"),
    _dimension("team", "Team", "Teams", "The team that sold, as it was at the sale.", "team"),
    _dimension("rep", "Rep", "Reps", "The sales rep who sold, as at the sale.", "rep"),
    _dimension("category", "Category", "Categories", "The category of the product.", "product", document_level=False),
    _dimension(
        "subcategory",
        "Subcategory",
        "Subcategories",
        "The subcategory of the product.",
        "product",
        document_level=False,
    ),
    _dimension("product", "Product", "Products", "The product that was sold.", "product", document_level=False),
    _dimension("industry", "Industry", "Industries", "The customer's industry.", "customer"),
    _dimension("segment", "Segment", "Segments", "The segment the customer is put into.", "customer"),
    _dimension("customer", "Customer", "Customers", "Who bought.", "customer"),
    _time("year", "Year", "Years", "The calendar year of the date that the basis counts by."),
    _time("quarter", "Quarter", "Quarters", "The calendar quarter of the date that the basis counts by."),
    _time("month", "Month", "Months", "The calendar month of the date that the basis counts by."),
    _time("day", "Day", "Days", "The date that the basis counts by: order, invoice or payment."),
    _time("week", "Week", "Weeks", "The ISO week, Monday to Sunday, of the date that the basis counts by."),
    _time("fiscal_year", "Fiscal year", "Fiscal years", "The company's own business year."),
    _time("fiscal_quarter", "Fiscal quarter", "Fiscal quarters", "A quarter of the company's business year."),
    _time("fiscal_month", "Fiscal month", "Fiscal months", "A month of the company's business year."),
    _dimension("channel", "Channel", "Channels", "The way the sale came about, such as direct or online.", "channel"),
    _dimension(
        "campaign", "Campaign", "Campaigns", "The campaign the line was sold in.", "campaign", document_level=False
    ),
    _on_the_line(
        "document_type",
        "Document type",
        "Document types",
        "Whether the document is an invoice, an order, a receipt or a credit note.",
        "document_type",
        "document_type",
        document_level=True,
    ),
    Level(
        id="currency",
        title="Currency",
        plural="Currencies",
        definition="The currency the document is written in.",
        hierarchy=None,
        table="currency",
        key="currency_key",
        name="currency",
        # A plan's own currency says nothing about the documents it is to be met with.
        via=MappingProxyType({"sales_line": "currency_key"}),
        document_level=True,
    ),
    _on_the_line(
        "document",
        "Document",
        "Documents",
        "One order, invoice, receipt or credit note.",
        "document_key",
        "document_number",
        document_level=True,
    ),
    _on_the_line("line", "Line", "Lines", "One line of a document.", "line_key", "line_number", document_level=False),
    _beside("category", "Other category", "Other categories", "Another category on the same document."),
    _beside("subcategory", "Other subcategory", "Other subcategories", "Another subcategory on the same document."),
    _beside("product", "Other product", "Other products", "Another product on the same document."),
    Level(
        id=ACCOUNT_OWNER,
        title="Account owner",
        plural="Account owners",
        definition="The rep who owns the customer's account today.",
        hierarchy=None,
        table="customer",
        key="owner_rep_key",
        name=None,
        via=MappingProxyType({"sales_line": "customer_id"}),
        document_level=True,
        listed=False,
    ),
)
