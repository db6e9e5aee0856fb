"""The catalogue: every metric, dimension and rollup, defined once; help, pickers and tests are derived from it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from app.values.hierarchy import HIERARCHIES, PATHS
from queries.catalogue import budget, dimensions, rollups, sales
from queries.catalogue.model import Catalogue, Metric

__all__ = ["Catalogue", "catalogue", "describe"]


def catalogue() -> Catalogue:
    """The catalogue of this edition."""
    return Catalogue(
        metrics=MappingProxyType({metric.id: metric for metric in (*sales.METRICS, *budget.METRICS)}),
        levels=MappingProxyType({level.id: level for level in dimensions.LEVELS}),
        hierarchies=HIERARCHIES,
        paths=PATHS,
        rollups=rollups.ROLLUPS,
        fact_titles=MappingProxyType({"sales_line": "Sales", "budget": "Budget", "quota": "Quota"}),
    )


def describe(known: Catalogue) -> list[dict[str, Any]]:
    """What can be asked for, as JSON-able rows: metrics, dimensions, hierarchies and drill paths, each with `kind`."""
    return [
        *(_metric_row(known, metric) for metric in known.metrics.values() if metric.listed),
        *(
            {
                "kind": "dimension",
                "id": level.id,
                "title": level.title,
                "plural": level.plural,
                "definition": level.definition,
                "hierarchy": level.hierarchy,
                "facts": sorted(level.via),
            }
            for level in known.levels.values()
            if level.listed
        ),
        *({"kind": "hierarchy", "id": name, "levels": list(levels)} for name, levels in known.hierarchies.items()),
        *({"kind": "path", "id": name, "levels": list(levels)} for name, levels in known.paths.items()),
    ]


def _metric_row(known: Catalogue, metric: Metric) -> dict[str, Any]:
    dimensions_of = [level.id for level in known.levels.values() if level.listed and known.askable(metric.id, level.id)]
    return {
        "kind": "metric",
        "id": metric.id,
        "title": metric.title,
        "definition": metric.definition,
        "unit": metric.unit,
        "format": metric.format,
        "additivity": metric.additivity,
        "better": metric.better,
        "facts": sorted(known.facts(metric.id)),
        "needs": sorted(metric.needs),
        "dimensions": dimensions_of,
    }
