"""Dashboards: panels, nothing else. Adding one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from layouts.dashboard import Dashboard
from layouts.dashboards.overview import OVERVIEW
from layouts.dashboards.regions import REGIONS
from layouts.dashboards.sales import SALES

DASHBOARDS: tuple[Dashboard, ...] = (
    OVERVIEW,
    SALES,
    REGIONS,
)


def dashboards() -> Mapping[str, Dashboard]:
    """Every dashboard by its id, in the order of the navigation."""
    return MappingProxyType({dashboard.id: dashboard for dashboard in DASHBOARDS})
