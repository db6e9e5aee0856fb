"""Data quality: what was loaded, what was kept out, how old it is, and that what is shown is what was booked."""

from __future__ import annotations

from layouts.dashboard import Dashboard
from layouts.marks import Reconciled, Rows
from layouts.panel import Panel, Question


def _kept(panel_id: str, title: str, name: str, unit: str, mark: Rows, width: int) -> Panel:
    question = Question((name,), versus=())
    return Panel(id=panel_id, title=title, query=question, mark=mark, width=width, unit=unit, derive="loads-in-words")


TOTALS = _kept(
    "totals", "Booked and shown, by currency", "kept_totals", "Net sales in their own currency", Reconciled(), 7
)
FRESHNESS = _kept("freshness", "How old the data are", "kept_freshness", "Days before today", Rows(), 5)
LOADS = _kept("loads", "Loads", "kept_loads", "Rows in = loaded + quarantined + duplicates", Rows(height=240), 12)
QUARANTINE = _kept("quarantine", "Rows in quarantine", "kept_quarantine", "Rows by reason", Rows(height=240), 12)

DATA_QUALITY = Dashboard(
    id="data-quality",
    title="Data quality",
    audience="Finance and administrators",
    whole=True,
    rows=((TOTALS, FRESHNESS), (LOADS,), (QUARANTINE,)),
)
