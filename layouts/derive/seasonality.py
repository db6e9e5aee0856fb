"""Seasonality: the months of some years side by side, and how each month stands to an ordinary one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from app.domain.seasonality import Month, Seasonality
from app.domain.seasonality import seasonality as reckoned
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import say, words
from layouts import format as fmt
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row, Value

SEASONAL, PLAIN = "seasonal_index", "month_index"
"""The index column's id: the first one only where the test says that there is a season."""


def seasonality(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Twelve rows, January to December; a column of `net_sales` per year, and the index of each month.

    Main has a row a month. The index is a ratio to an ordinary month, or money where a month was not above zero; there
    is none under two complete years. The running month is shown, and counts in no index. Invalid without any month.
    """
    main, t = frames["main"], words(context.locale)
    metric = next(column for column in main.columns if column.role == "metric")
    amounts = _amounts(main, metric)
    if not amounts:
        raise Invalid("There is no month with sales to compare.")
    running = _running(context.today)
    found = reckoned(amounts, running if running in amounts else None)
    years = sorted({year for year, _ in amounts})
    cells = {(cell.year, cell.month): cell.amount for row in found.rows for cell in row}
    columns = [Column("calendar_month", t("Month"), "dimension")]
    columns += [
        Column(str(year), str(year), "metric", metric.metric, unit=metric.unit, format=metric.format) for year in years
    ]
    if found.indexes:
        columns.append(_index_column(found, t("Seasonal index") if found.seasonal else t("Month index")))
    rows: list[Row] = []
    for month in range(1, 13):
        name = fmt.time_name(f"{years[-1]}-{month:02d}", context.locale, short=True)
        index: tuple[Value, ...] = (found.indexes[month - 1],) if found.indexes else ()
        rows.append((Member(f"{month:02d}", name), *(cells.get((year, month)) for year in years), *index))
    notes = (*main.notes, *_said(found))
    return Frame(tuple(columns), tuple(rows), main.provenance, main.currency, notes=notes)


def _amounts(main: Frame, metric: Column) -> dict[Month, Decimal]:
    at = main.index(metric.id)
    found: dict[Month, Decimal] = {}
    for row in main.rows:
        member, value = row[0], number(row[at])
        if isinstance(member, Member) and value is not None and len(member.key) == len("2026-11"):
            found[int(member.key[:4]), int(member.key[5:])] = Decimal(value)
    # Months of nothing before the first sale are no months without sales: nobody was there to sell.
    first = min((month for month, amount in found.items() if amount), default=None)
    return {} if first is None else {month: amount for month, amount in found.items() if month >= first}


def _running(today: date) -> Month | None:
    """The month of today, until its last day."""
    tomorrow = today + timedelta(days=1)
    return (today.year, today.month) if tomorrow.month == today.month else None


def _index_column(found: Seasonality, title: str) -> Column:
    unit, kind = ("money", "money") if found.kind == "additive" else ("ratio", "percent")
    name = SEASONAL if found.seasonal else PLAIN
    return Column(name, title, "metric", name, unit=unit, format=kind)


def _said(found: Seasonality) -> tuple[str, ...]:
    """What one must know to read the index."""
    if found.seasonal is None:
        return (
            (
                say(
                    "Whether this is a season needs three complete years; there are {n} complete months.",
                    n=found.months,
                ),
            )
            if found.indexes
            else ()
        )
    strength = found.strength or Decimal(0)
    if found.seasonal:
        return (say("Seasonal: strength {strength:.2f} of 1 over {n} months.", strength=strength, n=found.months),)
    return (say("No season: what the months differ by is within what chance gives, over {n} months.", n=found.months),)
