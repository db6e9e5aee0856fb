"""The standard reports: four that ship, made of panels that are there; everybody may copy one and change the copy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.values.report import Part, Report
from app.values.words import say


def _parts(*views: str) -> tuple[Part, ...]:
    return tuple(Part(f"/d/{view}") for view in views)


STANDARD: Mapping[str, Report] = MappingProxyType(
    {
        "executive": Report(
            name=say("Executive sales report"),
            description=say("Where we stand against budget and last year, who and what is behind it, and the risks."),
            kind="executive",
            parts=_parts(
                "overview/net-sales",
                "overview/budget-attainment",
                "overview/margin-rate",
                "overview/risks",
                "overview/cumulative",
                "overview/variance",
                "overview/rep-attainment",
                "products/pareto",
                "overview/category-mix",
                "regions/map",
                "regions/ranked",
            ),
            formats=("pdf", "pptx"),
            waits=("pipeline",),
        ),
        "team": Report(
            name=say("Team performance report"),
            description=say("Each rep against quota, new and kept customers, trends, and where coaching may help."),
            kind="team",
            parts=_parts(
                "team/quota-attainment",
                "team/revenue-per-rep",
                "team/new-customers",
                "team/attainment",
                "team/ranking",
                "team/trends",
                "team/keeping",
                "team/movers",
                "team/needed",
                "team/figures",
            ),
            formats=("pdf", "xlsx"),
            waits=("activities", "pipeline"),
        ),
        "pipeline": Report(
            name=say("Pipeline analysis"),
            description=say("What is still to come against the target; the stages of deals follow with their data."),
            kind="pipeline",
            parts=_parts("overview/quota-attainment", "overview/cumulative", "team/needed", "sales/by-month"),
            formats=("pdf",),
            waits=("pipeline", "activities"),
        ),
        "revenue": Report(
            name=say("Revenue recognition"),
            description=say(
                "Revenue by period as invoiced and as paid, by product, segment and region, and what stays."
            ),
            kind="revenue",
            parts=_parts(
                "sales/by-month?basis=invoiced",
                "sales/by-month?basis=paid",
                "products/tree",
                "products/margin-waterfall",
                "customers/by-segment",
                "regions/ranked",
                "customers/net-retention",
                "customers/revenue-bridge",
            ),
            selection="period=this-year",
            formats=("pdf", "xlsx"),
            waits=("recurring",),
        ),
    }
)
"""By id, in the order in which they are offered."""
