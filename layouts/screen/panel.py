"""Panel: title, unit, finding, picture, table twin and tools, at a height that never changes."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.domain.segments import SETS
from app.values.view import View
from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.derive.segments import CELL, RFM
from layouts.marks import Identity, Ledger, Risks, Rows, SegmentGrid, TreeTable
from layouts.panel import Panel
from layouts.screen import files, ids, ledger, states
from layouts.screen.choose import address
from layouts.screen.drawn import Picture
from layouts.screen.identity import facts
from layouts.screen.parts import icon, tool, unbroken
from layouts.screen.risks import tiles
from layouts.screen.segments import segment_grid
from layouts.screen.table import LONGEST, twin

ANY_KEY = "0KEY0"


def frame(dashboard: str, panel: Panel, locale: str = "en") -> Component:
    """The panel before its answer, and the places its answer will stand in."""
    label = words(locale)(panel.label)
    pictured = not isinstance(panel.mark, Rows | Risks | Ledger)
    return html.Section(
        [
            html.Div(_heading(label, ""), id=ids.answer(dashboard, panel.id), className="answer-place"),
            html.Div(
                [*(_picture(dashboard, panel) if pictured else []), html.Div(className="skeleton")], className="stage"
            ),
            html.Div(id=ids.twin(dashboard, panel.id), className="twin-place"),
            *(ledger.places() if isinstance(panel.mark, Ledger) else []),
            *([dcc.Store(id=ids.figure(dashboard, panel.id))] if not pictured else []),
        ],
        className=f"panel w{min(max(panel.width, 3), 12)}"
        + (" has-picture" if pictured else " has-ledger" if isinstance(panel.mark, Ledger) else ""),
        style={"--tall": f"{panel.mark.height}px"},
        **{"data-panel": panel.id, "data-state": "loading", "aria-label": label},
    )


def _picture(dashboard: str, panel: Panel) -> list[Component]:
    """Where the browser draws: a picture, or a table whose rows open."""
    if isinstance(panel.mark, TreeTable):
        return [
            html.Div(id=ids.tree(dashboard, panel.id), className="tree"),
            dcc.Store(id=ids.figure(dashboard, panel.id)),
            dcc.Store(id=ids.branches_asked(dashboard, panel.id)),
            dcc.Store(id=ids.branches(dashboard, panel.id)),
        ]
    return [Picture(ids.figure(dashboard, panel.id))]


def answer(answered: AnsweredPanel, *, pictured: bool) -> Component:
    """What stands in the panel once it is answered. `pictured` says whether a picture stands beside the table."""
    content: list[Component] = [_header(answered)]
    if answered.state == "ready":
        content.append(html.P(unbroken(answered.finding), className="finding"))
        content += [] if pictured or isinstance(answered.mark, Ledger) else [_unpictured(answered)]
    else:
        view, locale = answered.view, answered.context.locale
        content.append(states.sorry(answered.state, answered.sentence, view, answered.newest_sale, locale))
    if answered.notes and answered.state == "ready":
        content.append(html.Div([html.P(note) for note in answered.notes], className="notes"))
    return html.Div(
        content,
        className="answer" if pictured else "answer plain",
        **{"data-outcome": answered.state, "data-view": answered.asked_for, "data-pictured": str(pictured).lower()},
    )


def _unpictured(answered: AnsweredPanel) -> Component:
    match answered.mark:
        case Risks():
            return tiles(answered)
        case Identity():
            return facts(answered)
        case SegmentGrid():
            return segment_grid(answered, lambda level, key: drill_href(answered, level, key))
    return table(answered)


def table(answered: AnsweredPanel) -> Component:
    """The answer in rows and columns; members lead where a click on their mark would."""
    caption = f"{answered.title}: {answered.unit_line}"
    longest = min(answered.mark.rows, LONGEST) if isinstance(answered.mark, Rows) else LONGEST
    locale = answered.context.locale
    return twin(answered.table, caption, lambda level, key: drill_href(answered, level, key), longest, locale)


def instead(title: str, state: str, sentence: str, view: str, locale: str = "en") -> Component:
    """What stands in a panel that could not even be answered; `view` is the address it was asked for."""
    again = View.parse(view)
    return html.Div(
        [_heading(title, ""), states.sorry(state, sentence, again, locale=locale)],
        className="answer",
        **{"data-outcome": state, "data-view": view, "data-pictured": "false"},
    )


def painted(answered: AnsweredPanel, figure: dict[str, Any]) -> dict[str, Any]:
    """The figure with what the browser must know of it: the view it shows, and what a click on a mark means."""
    layout = figure.get("layout", {})
    meta = {
        **(layout.get("meta") or {}),
        "view": answered.asked_for,
        "level": answered.drill_level,
        "gesture": answered.gesture,
        "leads": leads(answered),
    }
    return {**figure, "layout": {**layout, "meta": meta}}


def leads(answered: AnsweredPanel) -> str:
    """Where a click that opens a mark leads, `ANY_KEY` in the place of its key, so that nobody is asked; "" if nowhere.

    `/d/sales?drill=region:0KEY0`
    """
    if answered.gesture != "drill" or not answered.drill_level:
        return ""
    view = View.parse(answered.asked_for)
    text = str(view.with_selection(view.selection.drill_to(answered.drill_level, ANY_KEY)))
    return text if text.count(ANY_KEY) == 1 else ""


def drill_href(answered: AnsweredPanel, level: str, key: str) -> str | None:
    """Where a member leads: one step down, into a filter, to the customers of a segment or cell, or nowhere."""
    if level in (RFM, CELL) and answered.gesture != "none":
        return _segment_href(answered, key)
    if level != answered.drill_level or answered.gesture == "none":
        return None
    if answered.panel.opens:
        return address(answered.view, answered.panel.opens, level, key)
    selection = answered.view.selection
    after = selection.drill_to(level, key) if answered.gesture == "drill" else selection.toggle(level, key)
    return str(answered.view.of_panel(answered.view.panel).with_selection(after))


def _segment_href(answered: AnsweredPanel, segment: str) -> str:
    """The same view of those in a segment or cell, or of all again; where the panel stands alone, the list of them."""
    name = next(each for each, known in SETS.items() if known == segment)
    chosen = answered.view.selection.filter_on("customer")
    sets = () if chosen is not None and chosen.sets == (name,) else (name,)
    view = answered.view if answered.view.panel is None else answered.view.of_panel("segment-list")
    return str(view.with_selection(answered.view.selection.with_filter("customer", (), sets=sets)))


def _heading(title: str, unit: str) -> Component:
    words = html.Div([html.H2(title), html.P(unit, className="unit")])
    return html.Header([words])


def _header(answered: AnsweredPanel) -> Component:
    whole = answered.view.of_panel(answered.panel.id)
    words = html.Div(
        [
            html.H2(html.A(answered.title, href=str(whole)) if answered.view.panel is None else answered.title),
            html.P(answered.unit_line, className="unit"),
        ]
    )
    return html.Header([words, _tools(answered, whole)])


def _tools(answered: AnsweredPanel, whole: View) -> Component:
    t, title = words(answered.context.locale), answered.title
    explain = tool("explain", t("How {title} is computed", title=title), "explain")
    if answered.state != "ready":
        return html.Div([explain], className="tools")
    as_file = t("Download {title}", title=title)
    csv = html.A(
        icon("download"),
        className="tool",
        href=files.href(whole),
        download=True,
        title=as_file,
        **{"aria-label": as_file, "data-files": "true"},
    )
    flip = tool("flip", t("Show {title} as a table", title=title), "table", **{"aria-pressed": "false"})
    rows = tool("rows", t("Rows behind {title}", title=title), "rows", **{"aria-haspopup": "dialog"})
    flips = [] if isinstance(answered.mark, Rows | TreeTable | Risks) else [flip]
    if isinstance(answered.mark, Ledger):
        # The lines stand there already, and their file is beside their number.
        return html.Div([explain], className="tools")
    return html.Div([*flips, rows, csv, explain], className="tools")
