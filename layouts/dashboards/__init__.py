"""Dashboards: panels, nothing else. Adding one is one file here and one line below."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.dashboards.customer import CUSTOMER
from layouts.dashboards.customers import CUSTOMERS
from layouts.dashboards.overview import OVERVIEW
from layouts.dashboards.products import PRODUCTS
from layouts.dashboards.regions import REGIONS
from layouts.dashboards.sales import SALES

DASHBOARDS: tuple[Dashboard, ...] = (
    OVERVIEW,
    SALES,
    REGIONS,
    PRODUCTS,
    CUSTOMERS,
    CUSTOMER,
)


def dashboards() -> tuple[Dashboard, ...]:
    """Every dashboard, in the order of the navigation."""
    return DASHBOARDS
