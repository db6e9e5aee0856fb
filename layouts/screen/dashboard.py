"""Dashboard: its sentence, its cards and its panels in a twelve-column grid, all at their place before any answer."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.values.viewer import Viewer
from layouts.dashboard import Dashboard, rows_for
from layouts.marks import Card
from layouts.panel import Panel
from layouts.screen import card, ids, panel
from layouts.screen.surroundings import Stand


def page(dashboard: Dashboard, viewer: Viewer, alone: str | None = None) -> list[Component]:
    """Every place of the dashboard, or of the one panel named by `alone`, waiting for its answer."""
    rows = shown(dashboard, viewer, alone)
    content: list[Component] = [html.H1(dashboard.title, className="visually-hidden")]
    content.append(html.P(id=ids.LEDE, className="lede"))
    for at, row in enumerate(rows):
        if is_cards(row):
            places = [card.placeholder(each) for each in row]
            content.append(
                html.Div(places, id=ids.cards(dashboard.id, at), className="kpis", style={"--of": str(len(row))})
            )
        else:
            content.append(html.Div([panel.frame(dashboard.id, each) for each in row], className="grid"))
    return content


def shown(dashboard: Dashboard, viewer: Viewer, alone: str | None) -> tuple[tuple[Panel, ...], ...]:
    """The rows to draw: what the viewer may see, and of that the named panel only."""
    rows = rows_for(dashboard, viewer)
    if alone is None:
        return rows
    return tuple((each,) for row in rows for each in row if each.id == alone)


def is_cards(row: Sequence[Panel]) -> bool:
    """Whether a row is one of cards, which are answered together."""
    return all(isinstance(each.mark, Card) for each in row)


def footer(stand: Stand, as_of: str) -> list[Component | str]:
    """Which data one looks at: as of, generation, what stands in quarantine, how it was loaded."""
    parts = [f"Data as of {as_of}" if as_of else "No data yet", f"generation {stand.generation}"]
    if stand.is_demo:
        parts.append("demo company")
    if stand.quarantined:
        noun = "row" if stand.quarantined == 1 else "rows"
        parts.append(f"{stand.quarantined:,} {noun} quarantined")
    return [" · ".join((*parts, *stand.notices))]
