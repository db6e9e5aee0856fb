"""Navigate: the address becomes the frame around a dashboard; a range of days becomes an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update
from dash.development.base_component import Component

from app.values.errors import Forbidden, Invalid, Refusal
from app.values.period import Period
from app.values.selection import COMPARISONS
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from callbacks import inputs
from callbacks.registry import SIGNED_IN, Registry
from callbacks.surroundings import granted, home_of, leading, surroundings, view_at
from layouts.screen import breadcrumbs, choose, dashboard, filters, ids, live, picks, rail, states, still
from layouts.screen.kept import saved_of, with_saved
from layouts.screen.still import seen_by
from layouts.screen.surroundings import NOTHING_LOADED, Surroundings, as_of_text
from queries.frame import Member
from queries.query import Query

if TYPE_CHECKING:
    from app.assembly import House

FRAME = (
    Output(ids.MAIN, "children"),
    Output(ids.MAIN, "data-dashboard"),
    Output(ids.MAIN, "data-view"),
    Output(ids.MAIN, "data-href"),
    Output(ids.MAIN, "data-title"),
    Output(ids.MAIN, "data-click"),
    Output(ids.RAIL, "children"),
    Output(ids.PICKS, "children"),
    Output(ids.CRUMBS, "children"),
    Output(ids.FILTER_CHOSEN, "children"),
    Output(ids.FOOTER, "children"),
    Output(ids.AT, "data"),
)


def register(registry: Registry, house: House) -> None:
    """Put the frame and the range of days on the application."""

    def draw_frame(href: str | None, _kept: Any, _newer: Any, at: dict[str, Any] | None) -> tuple[Any, ...]:
        return frame(house, registry.current_viewer(), href or "/", at)

    def choose_range(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return no_update
        form = inputs.fields(asked)
        days = inputs.field_text(form, "from"), inputs.field_text(form, "to")
        led = leading(registry.current_viewer(), with_range(at, *days, versus=bool(form.get("versus"))))
        return with_saved(led, inputs.saved_in(at))

    registry.callback(
        *FRAME,
        Input(ids.URL, "href"),
        Input(ids.KEPT, "data"),
        Input(ids.NEWER, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        screens=True,
    )(draw_frame)
    registry.callback(
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.RANGE_ASKED, "data"),
        State(ids.AT, "data"),
        permission=SIGNED_IN,
        embeds="filter",
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
    locale = viewer.context.locale
    home = home_of(house, viewer)
    try:
        view = view_at(house, viewer, href)
    except Refusal as refusal:
        around = surroundings(house, viewer, View("none"))
        page = (
            states.unreadable(refusal.sentence, home, locale)
            if isinstance(refusal, Invalid | Forbidden) and home
            else states.unknown(home, locale)
        )
        return _bare(around, href, page if home else states.nothing_assigned(viewer.role, locale))
    saved = saved_of(href)
    around = surroundings(house, viewer, view, saved)
    if viewer.context.scope.is_nothing:
        return _bare(around, href, states.nothing_assigned(viewer.role, locale))
    if around.stand == NOTHING_LOADED:
        return _bare(around, href, states.nothing_loaded(locale))
    shown = around.dashboard
    if shown is None or (view.panel is not None and not dashboard.shown(shown, viewer, view.panel)):
        return _bare(around, href, states.unknown(home, locale))
    stands: dict[str, Any] = {"place": [view.dashboard, view.panel, viewer.id, viewer.context.epoch], "view": str(view)}
    stands |= {
        "saved": around.saved.id if around.saved else "",
        "stand": live.stand_mark(around.stand.generation, viewer.context.today),
    }
    same = at is not None and at.get("place") == stands["place"]
    # The figures of a page that stands are drawn again, and only those that newer data changed.
    stands["again"] = same and at is not None and at.get("view") == stands["view"]
    page = no_update if same else dashboard.page(shown, viewer, view.panel)
    nobody = choosing(house, viewer, around)
    if nobody is not None:
        page, stands = [nobody], stands | {"place": [view.dashboard, "(none)", viewer.id, viewer.context.epoch]}
    leave = viewer.only
    if leave is not None and leave.is_still:
        beside: tuple[Any, ...] = ([], [], still.banner(around), [])
    elif leave is not None:
        asked = still.fenced(leave, [picks.picks(around), filters.chosen(around)])
        beside = [], asked[0], still.embedded(around, leave), asked[1]
    else:
        status = live.status(around.stand, viewer.context.today, locale)
        beside = rail.rail(around), picks.picks(around), [*breadcrumbs.crumbs(around), status], filters.chosen(around)
    return (
        seen_by(viewer, page),
        view.dashboard,
        str(view),
        shown_address(href),
        words(locale)(shown.title),
        around.click,
        *beside,
        dashboard.footer(around.stand, as_of_text(around.stand.as_of, locale), locale),
        no_update if is_drawn(at, stands) else stands,
    )


def is_drawn(at: dict[str, Any] | None, stands: dict[str, Any]) -> bool:
    """Whether the page shows all this already."""
    return at is not None and {**at, "again": None} == {**stands, "again": None}


def choosing(house: House, viewer: Viewer, around: Surroundings) -> Component | None:
    """The page on which a dashboard's one member is chosen; None where it is, or where the dashboard needs none.

    A member that there is not and one of somebody else's are told of alike.
    """
    level = around.dashboard.about if around.dashboard is not None else ""
    key = around.view.selection.only_member(level) if level else None
    if not level or (key is not None and (level, key) in around.names):
        return None
    year = Period.parse("last-12-months")
    largest = Query(("net_sales",), (level,), where=granted(house, viewer), period=year, limit=choose.FIRST)
    found = [row[0] for row in house.asker.ask(largest, viewer.context).rows]
    members = [each for each in found if isinstance(each, Member)]
    return choose.page(around.view, level, members, key, viewer.context)


def shown_address(href: str) -> str:
    """The path and query as the browser's `location` has them."""
    text = href.partition("#")[0]
    return "/" + text.partition("://")[2].partition("/")[2] if "://" in text else text


def _bare(around: Surroundings, href: str, page: Any) -> tuple[Any, ...]:
    """The frame around a page that is no dashboard."""
    title = "Salient"
    stands = {"place": ["", None, around.viewer.id, around.viewer.context.epoch], "view": ""}
    viewer = around.viewer
    side = [] if viewer.only is not None else rail.rail(around)
    return [seen_by(viewer, page)], "", "", shown_address(href), title, around.click, side, [], [], [], [], stands


def with_range(at: dict[str, Any] | None, first: str, last: str, *, versus: bool = False) -> str:
    """The view through another range of days, or held against it; Invalid when they are no days.

    It takes the place of the other comparison that is no name, else of the older of two.
    """
    view = View.parse(inputs.view_at(at))
    if versus:
        named = [each for each in view.selection.versus if each in COMPARISONS]
        compared = (*named[-1:], str(picks.custom_range(first, last)))
        return str(view.with_selection(view.selection.with_versus(*compared)))
    return str(view.with_selection(view.selection.with_period(picks.custom_range(first, last))))
