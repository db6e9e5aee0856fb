"""Navigate: the address becomes the frame around a dashboard; a range of days becomes an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from app.values.errors import Invalid, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from callbacks.registry import SIGNED_IN, Registry
from callbacks.surroundings import surroundings, view_at, visible
from layouts.screen import breadcrumbs, dashboard, filters, ids, picks, rail, states
from layouts.screen.surroundings import NOTHING_LOADED, Surroundings, as_of_text

if TYPE_CHECKING:
    from app.assembly import House

FRAME = (
    Output(ids.MAIN, "children"),
    Output(ids.MAIN, "data-dashboard"),
    Output(ids.MAIN, "data-view"),
    Output(ids.MAIN, "data-href"),
    Output(ids.MAIN, "data-title"),
    Output(ids.RAIL, "children"),
    Output(ids.PICKS, "children"),
    Output(ids.CRUMBS, "children"),
    Output(ids.FILTER_CHOSEN, "children"),
    Output(ids.FOOTER, "children"),
    Output(ids.AT, "data"),
)


def register(registry: Registry, house: House) -> None:
    """Put the frame and the range of days on the application."""

    def draw_frame(href: str | None, at: dict[str, Any] | None) -> tuple[Any, ...]:
        return frame(house, registry.current_viewer(), href or "/", at)

    def choose_range(asked: dict[str, str] | None, at: dict[str, Any] | None) -> Any:
        return with_range(at, asked["from"], asked["to"]) if asked and at else no_update

    registry.callback(*FRAME, Input(ids.URL, "href"), State(ids.AT, "data"), permission=SIGNED_IN)(draw_frame)
    registry.callback(
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.RANGE_ASKED, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        prevent_initial_call=True,
    )(choose_range)
    registry.clientside_callback(
        ClientsideFunction("salient", "opened"),
        Output(ids.FILTERS, "is_open"),
        Input(ids.FILTERS_ASKED, "data"),
        prevent_initial_call=True,
    )


def frame(house: House, viewer: Viewer, href: str, at: dict[str, Any] | None) -> tuple[Any, ...]:
    """Everything around and under the panels, for one address. `at` is what stands there already."""
    home = next((str(View(each.id)) for each in visible(house, viewer)), None)
    try:
        view = view_at(house, viewer, href)
    except Refusal as refusal:
        around = surroundings(house, viewer, View("none"))
        page = (
            states.unreadable(refusal.sentence, home) if isinstance(refusal, Invalid) and home else states.unknown(home)
        )
        return _bare(around, href, page if home else states.nothing_assigned(viewer.role))
    around = surroundings(house, viewer, view)
    if viewer.context.scope.is_nothing:
        return _bare(around, href, states.nothing_assigned(viewer.role))
    if around.stand == NOTHING_LOADED:
        return _bare(around, href, states.nothing_loaded())
    shown = around.dashboard
    if shown is None or (view.panel is not None and not dashboard.shown(shown, viewer, view.panel)):
        return _bare(around, href, states.unknown(home))
    stands = {"place": [view.dashboard, view.panel, viewer.id, viewer.context.epoch], "view": str(view)}
    same = at is not None and at.get("place") == stands["place"]
    page = no_update if same else dashboard.page(shown, viewer, view.panel)
    return (
        page,
        view.dashboard,
        str(view),
        shown_address(href),
        shown.title,
        rail.rail(around),
        picks.picks(around),
        breadcrumbs.crumbs(around),
        filters.chosen(around),
        dashboard.footer(around.stand, as_of_text(around.stand.as_of, viewer.context.locale)),
        stands,
    )


def shown_address(href: str) -> str:
    """The path and query as the browser's `location` has them."""
    text = href.partition("#")[0]
    return "/" + text.partition("://")[2].partition("/")[2] if "://" in text else text


def _bare(around: Surroundings, href: str, page: Any) -> tuple[Any, ...]:
    """The frame around a page that is no dashboard."""
    title = "Salient"
    stands = {"place": ["", None, around.viewer.id, around.viewer.context.epoch], "view": ""}
    return [page], "", "", shown_address(href), title, rail.rail(around), [], [], [], [], stands


def with_range(at: dict[str, Any], first: str, last: str) -> str:
    """The view through another range of days; Invalid when they are no days."""
    view = View.parse(at["view"])
    return str(view.with_selection(view.selection.with_period(picks.custom_range(first, last))))
