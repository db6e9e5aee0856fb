"""Control totals of what programs sent: rows accepted and their money by currency, of batches and of days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.ingest import IngestBatch, IngestDay

Totals = Mapping[str, tuple[int, Decimal]]
"""Currency → rows and their money."""


def stored(totals: Totals) -> dict[str, list[Any]]:
    """As the database keeps them."""
    return {currency: [rows, str(amount)] for currency, (rows, amount) in totals.items()}


def told(kept: Mapping[str, Any] | None) -> dict[str, tuple[int, Decimal]]:
    """As they were stored."""
    return {currency: (rows, Decimal(amount)) for currency, (rows, amount) in (kept or {}).items()}


def together(all_of_them: Iterable[Totals]) -> dict[str, tuple[int, Decimal]]:
    """The sums by currency."""
    found: dict[str, tuple[int, Decimal]] = {}
    for totals in all_of_them:
        for currency, (rows, amount) in totals.items():
            before, sum_before = found.get(currency, (0, Decimal(0)))
            found[currency] = (before + rows, sum_before + amount)
    return found


def add_to_day(session: Session, batches: Iterable[IngestBatch], day: date) -> None:
    """Add batches to what came in that day: the rows of the day are counted, and so locked, before."""
    kinds: dict[str, list[Totals]] = {}
    for batch in batches:
        if batch.totals:
            kinds.setdefault(batch.kind, []).append(told(batch.totals))
    for kind, more in sorted(kinds.items()):
        where = (IngestDay.day == day, IngestDay.kind == kind)
        before = told(session.execute(select(IngestDay.totals).where(*where)).scalar_one())
        grown = update(IngestDay).where(*where).values(totals=stored(together([before, *more])))
        session.execute(grown.execution_options(synchronize_session=False))
