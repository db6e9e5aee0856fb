"""Loading: sources of any kind, through a declarative mapping, into a staging database that an engine publishes."""

from __future__ import annotations

from queries.warehouse.load.loading import load
from queries.warehouse.load.mappings import SourceMapping, open_mapping, shipped_mappings
from queries.warehouse.load.records import import_detail, imports, last_recorded, left_behind, left_out, sweep
from queries.warehouse.load.report import (
    UPLOAD_LIMITS,
    ControlTotal,
    FeedCount,
    LoadReport,
    LoadSettings,
    LoadSummary,
    QuarantinedRow,
)
from queries.warehouse.load.templates import write_templates

__all__ = [
    "UPLOAD_LIMITS",
    "ControlTotal",
    "FeedCount",
    "LoadReport",
    "LoadSettings",
    "LoadSummary",
    "QuarantinedRow",
    "SourceMapping",
    "import_detail",
    "imports",
    "last_recorded",
    "left_behind",
    "left_out",
    "load",
    "open_mapping",
    "shipped_mappings",
    "sweep",
    "write_templates",
]
