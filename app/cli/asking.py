"""`salient ask | explain | catalogue`: questions and answers at the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import click

from app.assembly import House, assemble
from app.config import read_settings
from app.questions import Question, Where, asked
from app.telling import notice, write_table
from app.values.errors import Invalid, NotFound
from app.values.money import round_money
from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import context_of, queries_of
from layouts.dashboards import dashboards
from layouts.format import RATIOS, exact, half_up, points
from layouts.render.csv import RATIO_DIGITS, written
from queries.catalogue import catalogue as all_of_it
from queries.catalogue import describe
from queries.frame import Column, Frame, Member, Row, Value

BASES = ("booked", "invoiced", "paid")


def viewer_as(house: House, email: str | None) -> Viewer:
    """The user of that address, or without one the local administrator. Raises NotFound."""
    return house.viewer_named(email) if email else house.local_administrator()


@click.command()
@click.argument("metrics")
@click.option("--by", default="", help="Dimensions, e.g. region,month.")
@click.option("--where", default="", help="Filters: dim=member,member;dim2=…; a member is its key or its exact name.")
@click.option("--period", default="all", show_default=True, help="E.g. 2013, 2013-Q2, this-quarter, last-12-months.")
@click.option("--versus", default="", help="Up to two of: previous, last-year, budget, a period.")
@click.option("--as", "email", help="Ask as this user (default: the local administrator).")
@click.option("--basis", type=click.Choice(BASES), default="booked", show_default=True)
@click.option("--limit", type=click.IntRange(1), help="The largest so many rows; the rest is one row, Others.")
@click.option("--format", "style", type=click.Choice(("table", "csv", "json")), default="table", show_default=True)
def ask(
    metrics: str,
    by: str,
    where: str,
    period: str,
    versus: str,
    email: str | None,
    basis: str,
    limit: int | None,
    style: str,
) -> None:
    """Ask for METRICS, e.g. net_sales,orders."""
    house = assemble(read_settings())
    viewer = viewer_as(house, email)
    question = Question(
        metrics=_words(metrics),
        by=_words(by),
        where=_filters(where),
        period=period,
        versus=_words(versus),
        basis=basis,
        limit=limit,
    )
    frame = house.asker.ask(asked(house, viewer, question), viewer.context)
    {"table": print_frame, "csv": print_csv, "json": print_json}[style](frame, viewer.context.locale)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _filters(text: str) -> tuple[Where, ...]:
    filters = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        level, equals, members = part.partition("=")
        if not equals:
            raise Invalid(f"A filter is written dimension=member: {part}")
        filters.append(Where(level.strip(), _words(members)))
    return tuple(filters)


def print_frame(frame: Frame, locale: str) -> None:
    """A table for people: exact figures by locale, totals last, notes on stderr."""
    header = [_heading(column) for column in frame.columns]
    rows = [[_shown(value, frame, i, locale) for i, value in enumerate(row)] for row in frame.rows]
    labels = sum(column.role == "dimension" for column in frame.columns)
    for name, row in (("Others", frame.others), ("Total", frame.totals if labels else None)):
        if row is not None:
            cells = [_shown(value, frame, i, locale) for i, value in enumerate(row)]
            rows.append([name, *[""] * (labels - 1), *cells[labels:]] if labels else cells)
    write_table(header, rows, right=[column.role != "dimension" for column in frame.columns])
    for note in frame.notes:
        notice(note)
    for code, count in frame.provenance.rows_left_out.items():
        notice(f"{count:,} lines are left out: {code}.")


_HEADINGS = {"reference": "{}", "delta": "Δ {}", "change": "Δ% {}"}


def _heading(column: Column) -> str:
    """A comparison stands right of its figure, so its heading need not repeat the figure's name."""
    return _HEADINGS.get(column.role, column.title).format(column.versus)


def _shown(value: Value, frame: Frame, position: int, locale: str) -> str:
    if isinstance(value, Member):
        return value.name
    if isinstance(value, str | date):
        return str(value)
    column = frame.columns[position]
    if column.role == "delta" and column.unit == "ratio":
        return points(value, locale)
    return exact(value, column.unit or "count", locale, frame.currency, plus=column.role in {"delta", "change"})


def print_csv(frame: Frame, locale: str) -> None:  # noqa: ARG001
    """Plain figures, a key and a name per dimension: the file the web offers."""
    sys.stdout.write(written(frame))


def print_json(frame: Frame, locale: str) -> None:  # noqa: ARG001
    """Typed rows: money and ratios as strings, rounded as in the CSV; counts as numbers."""

    def typed(row: Row, columns: Sequence[Column]) -> dict[str, object]:
        cells = zip(frame.columns, row, strict=True)
        return {column.id: _typed(value, column, frame.currency) for column, value in cells if column in columns}

    figures = [column for column in frame.columns if column.role != "dimension"]
    answer = {
        "columns": [{"id": c.id, "title": c.title, "role": c.role, "unit": c.unit} for c in frame.columns],
        "rows": [typed(row, frame.columns) for row in frame.rows],
        "others": None if frame.others is None else typed(frame.others, figures) | {"count": frame.others_count},
        "totals": None if frame.totals is None else typed(frame.totals, figures),
        "currency": frame.currency,
        "notes": list(frame.notes),
        "generation": frame.provenance.generation,
    }
    print(json.dumps(answer, ensure_ascii=False, indent=2))


def _typed(value: Value, column: Column, currency: str) -> object:
    match value:
        case Member(key, name):
            return {"key": key, "name": name}
        case Decimal():
            if column.role == "change" or column.unit in RATIOS:
                return format(half_up(value, RATIO_DIGITS), "f")
            return format(round_money(value, currency) if column.unit == "money" else value, "f")
        case date():
            return value.isoformat()
    return value


@click.command()
@click.argument("view_url")
@click.option("--panel", help="Only this panel.")
@click.option("--as", "email", help="As this user (default: the local administrator).")
def explain(view_url: str, panel: str | None, email: str | None) -> None:
    """How the panels of a view are answered: periods, facts, rollups chosen and rejected, SQL."""
    house = assemble(read_settings())
    viewer = viewer_as(house, email)
    view = house.looked_up(viewer, View.parse(view_url))
    dashboard = next((d for d in house.dashboards if d.id == view.dashboard), None)
    if dashboard is None:
        raise NotFound(f"There is no dashboard {view.dashboard}.")
    chosen = panel or view.panel
    panels = [p for p in dashboard.panels() if chosen in (None, p.id)]
    if not panels:
        raise NotFound(f"The dashboard {dashboard.id} has no panel {chosen}.")
    for each in panels:
        print(f"── {each.id}: {each.title}")
        context = context_of(view, viewer)
        for query in queries_of(each, view, context).values():
            print(house.asker.explain(query, context).text())
            print()


@click.command()
@click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
def catalogue(style: str) -> None:
    """Metrics, dimensions, hierarchies, dashboards and their panels."""
    entries = [*describe(all_of_it()), *_dashboards()]
    if style == "json":
        print(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    told = ("kind", "id", "title", "unit", "additivity", "definition")
    rows = [[str(entry.get(name, "")) for name in told] for entry in entries]
    for row, entry in zip(rows, entries, strict=True):
        row[-1] = row[-1] or " > ".join(entry.get("levels", ()))
    write_table(told, rows)


def _dashboards() -> Iterator[dict[str, Any]]:
    for each in dashboards():
        yield {"kind": "dashboard", "id": each.id, "title": each.title, "definition": each.audience}
        for panel in each.panels():
            yield {"kind": "panel", "id": f"{each.id}/{panel.id}", "title": panel.title}
