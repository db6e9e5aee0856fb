"""Dashboard: its sentence, its cards and its panels in a twelve-column grid, all at their place before any answer."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.values.viewer import Viewer
from app.values.words import words
from layouts.dashboard import Dashboard, rows_for
from layouts.marks import Card, Timeline
from layouts.panel import Panel
from layouts.screen import card, ids, notes, panel
from layouts.screen.surroundings import Stand


def page(dashboard: Dashboard, viewer: Viewer, alone: str | None = None) -> list[Component]:
    """Every place of the dashboard, or of the one panel named by `alone`, waiting for its answer."""
    rows, locale = shown(dashboard, viewer, alone), viewer.context.locale
    content: list[Component] = [html.H1(words(locale)(dashboard.title), className="visually-hidden")]
    content.append(html.P(id=ids.LEDE, className="lede"))
    for at, row in enumerate(rows):
        if is_cards(row):
            places = [card.placeholder(each, locale) for each in row]
            content.append(
                html.Div(places, id=ids.cards(dashboard.id, at), className="kpis", style={"--of": str(len(row))})
            )
        else:
            content.append(html.Div([panel.frame(dashboard.id, each, locale) for each in row], className="grid"))
        if viewer.only is None and any(isinstance(each.mark, Timeline) for each in row):
            content.append(html.Div(notes.place(locale), className="grid"))
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


def footer(stand: Stand, as_of: str, locale: str = "en") -> list[Component | str]:
    """Which data one looks at: as of, generation, what stands in quarantine, how it was loaded."""
    t = words(locale)
    parts = [
        t("Data as of {day}", day=as_of) if as_of else t("No data yet"),
        t("generation {number}", number=str(stand.generation)),
    ]
    if stand.is_demo:
        parts.append(t("demo company"))
    if stand.quarantined:
        parts.append(t.n("{n:,} row quarantined", "{n:,} rows quarantined", stand.quarantined))
    return [" · ".join((*parts, *(t(notice) for notice in stand.notices)))]
