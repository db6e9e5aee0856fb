"""Views: saved ones are listed, saved, changed, deleted, brought back and pinned; a link to the view is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from app.services import keeping, permalinks, preferences, sharing
from app.services import views as saved_views
from app.services.keeping import Wish
from app.values.errors import Invalid, Refusal
from app.values.row_layouts import RowLayout
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from callbacks import inputs
from callbacks.registry import Registry
from callbacks.surroundings import kept_view, surroundings
from layouts.laid import BY_CUSTOMER, LINES
from layouts.screen import ids, views
from layouts.screen.kept import with_saved

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.assembly import House

PERMISSION = "dashboards"

Form = Mapping[str, object]


@dataclass(frozen=True)
class Done:
    """What an act leads to: a sentence, perhaps an address to go to, an id to bring back, a link to copy."""

    said: str
    href: str | None = None
    undo: str = ""
    link: str = ""


def register(registry: Registry, house: House) -> None:
    """Put the sheet of saved views, the dialog and all acts on the application."""
    _register_looking(registry, house)
    _register_keeping(registry, house)
    _in_the_browser(registry)


def _register_looking(registry: Registry, house: House) -> None:
    def open_views(_asked: Any, _kept: Any, is_open: Any, at: dict[str, Any] | None) -> Any:
        return listed(house, registry.current_viewer(), at) if is_open and inputs.view_at(at) else no_update

    def opened(asked: Any) -> Any:
        if asked is not None:
            note_opened(house, registry.current_viewer(), asked)
        return no_update

    registry.callback(
        Output(ids.VIEWS_BODY, "children"),
        Input(ids.VIEWS_ASKED, "data"),
        Input(ids.KEPT, "data"),
        Input(ids.VIEWS, "is_open"),
        State(ids.AT, "data"),
        permission=PERMISSION,
        prevent_initial_call=True,
    )(open_views)
    registry.callback(
        Output(ids.LIVE, "data-opened"), Input(ids.OPENED, "data"), permission=PERMISSION, prevent_initial_call=True
    )(opened)


def _register_keeping(registry: Registry, house: House) -> None:
    def open_dialog(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 3
        return True, dialog(house, registry.current_viewer(), at), ""

    def keep(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 6
        return acted(house, registry.current_viewer(), at, asked)

    at = State(ids.AT, "data")
    registry.callback(
        Output(ids.SAVE, "is_open"),
        Output(ids.SAVE_BODY, "children"),
        Output(ids.SAVE_SAID, "children"),
        Input(ids.SAVE_ASKED, "data"),
        at,
        permission=PERMISSION,
        prevent_initial_call=True,
    )(open_dialog)
    registry.callback(
        Output(ids.SAVE, "is_open", allow_duplicate=True),
        Output(ids.SAVE_SAID, "children", allow_duplicate=True),
        Output(ids.NOTICES, "children", allow_duplicate=True),
        Output(ids.KEPT, "data"),
        Output(ids.URL, "href", allow_duplicate=True),
        Output(ids.COPIED, "data"),
        Input(ids.KEEP, "data"),
        at,
        permission=PERMISSION,
        prevent_initial_call=True,
    )(keep)


def _in_the_browser(registry: Registry) -> None:
    registry.clientside_callback(
        ClientsideFunction("salient", "opened"),
        Output(ids.VIEWS, "is_open"),
        Input(ids.VIEWS_ASKED, "data"),
        prevent_initial_call=True,
    )
    registry.clientside_callback(
        ClientsideFunction("salient", "savedView"),
        Output(ids.OPENED, "data"),
        Input(ids.AT, "data"),
        prevent_initial_call=True,
    )
    registry.clientside_callback(
        ClientsideFunction("salient", "copy"),
        Output(ids.LIVE, "data-copied"),
        Input(ids.COPIED, "data"),
        prevent_initial_call=True,
    )


def listed(house: House, viewer: Viewer, at: dict[str, Any] | None) -> Any:
    """The saved views there are for the viewer, and those that can be brought back."""
    around = surroundings(house, viewer, View.parse(inputs.view_at(at)), inputs.saved_in(at))
    with house.database.read() as session:
        cards = [kept_view(card) for card in saved_views.listed(session, viewer)]
        gone = [kept_view(card) for card in saved_views.deleted(session, viewer)]
    seen = {dashboard.id for dashboard in around.dashboards}
    return views.listing(around, [card for card in cards if card.dashboard in seen], gone)


def note_opened(house: House, viewer: Viewer, asked: object) -> None:
    """Remember when the viewer opened a saved view. NotFound for one that is not there for the viewer."""
    view_id = inputs.field_text(inputs.fields(asked), "id")
    with house.database.write() as session:
        saved_views.note_opened(session, viewer, view_id)


def dialog(house: House, viewer: Viewer, at: dict[str, Any] | None) -> Any:
    """The fields for the view that stands, with what the viewer may choose."""
    around = surroundings(house, viewer, View.parse(inputs.view_at(at)), inputs.saved_in(at))
    with house.database.read() as session:
        audiences = sharing.offered(viewer, sharing.person_of(session, viewer))
        sets_defaults = viewer.may("views:default")
        roles = sharing.role_titles(session) if "role" in audiences or sets_defaults else {}
        own = around.saved is not None and around.saved.is_mine
        stands = (
            keeping.stands_of(session, viewer, around.saved.id, around.saved.dashboard)
            if own and around.saved is not None
            else keeping.Stands()
        )
    offer = views.Offer(audiences, roles, sets_defaults, stands.begins, stands.home, stands.begins_for)
    return views.form(around, offer)


def acted(house: House, viewer: Viewer, at: dict[str, Any] | None, asked: object) -> tuple[Any, ...]:
    """What follows from an act: the dialog closed or told what stands against it; notice, tick, address, link."""
    form = inputs.fields(asked)
    act = ACTS.get(inputs.field_text(form, "act"))
    if act is None:
        raise Invalid("The page sent a form that it does not have: load it again.")
    try:
        with house.database.write() as session:
            done = act(session, viewer, form, at)
    except Refusal as refusal:
        if inputs.field_text(form, "act") not in _OF_THE_DIALOG:
            raise
        return no_update, words(viewer.context.locale)(refusal.sentence), no_update, no_update, no_update, no_update
    notice = views.told(words(viewer.context.locale)(done.said), viewer.context.locale, undo=done.undo)
    stays = no_update if done.href is None else done.href
    copied = {"link": done.link} if done.link else no_update
    return False, "", notice, form.get("at"), stays, copied


def _save(session: Session, viewer: Viewer, form: Form, at: Any) -> Done:
    card = keeping.keep(session, viewer, _wish(form, at))
    return Done(_t(viewer, "{name} is saved.", name=card.name), with_saved(inputs.view_at(at), card.id))


def _change(session: Session, viewer: Viewer, form: Form, at: Any) -> Done:
    view_id = inputs.field_text(form, "id")
    if not view_id:
        raise Invalid("The page sent a form that it does not have: load it again.")
    card = keeping.keep(session, viewer, _wish(form, at), view_id=view_id, version=inputs.version_in(form))
    return Done(_t(viewer, "{name} is saved.", name=card.name), with_saved(inputs.view_at(at), card.id))


def _remove(session: Session, viewer: Viewer, form: Form, at: Any) -> Done:
    view_id = inputs.field_text(form, "id")
    name = saved_views.find(session, viewer, view_id).name
    saved_views.remove(session, viewer, view_id)
    left = inputs.view_at(at) if inputs.saved_in(at) == view_id else None
    return Done(_t(viewer, "{name} is deleted.", name=name), left, undo=view_id)


def _restore(session: Session, viewer: Viewer, form: Form, _at: Any) -> Done:
    card = saved_views.restore(session, viewer, inputs.field_text(form, "id"))
    return Done(_t(viewer, "{name} is back.", name=card.name))


def _pin(session: Session, viewer: Viewer, form: Form, _at: Any) -> Done:
    card = saved_views.pin(session, viewer, inputs.field_text(form, "id"))
    return Done(_t(viewer, "{name} is pinned to the navigation.", name=card.name))


def _unpin(session: Session, viewer: Viewer, form: Form, _at: Any) -> Done:
    card = saved_views.pin(session, viewer, inputs.field_text(form, "id"), to_rail=False)
    return Done(_t(viewer, "{name} is no longer pinned.", name=card.name))


def _link(session: Session, viewer: Viewer, _form: Form, at: Any) -> Done:
    link = f"/v/{permalinks.link_to(session, viewer, inputs.view_at(at))}"
    return Done(_t(viewer, "The link is copied. Whoever opens it sees what they may see: {link}", link=link), link=link)


def _click(session: Session, viewer: Viewer, _form: Form, _at: Any) -> Done:
    """The next habit: a click on a mark opens it, filters by it, or highlights it."""
    known, now = preferences.CLICKS, preferences.preferences_of(session, viewer).click
    habit = known[(known.index(now) + 1) % len(known)]
    preferences.prefer(session, viewer, click=habit)
    return Done(words(viewer.context.locale)(_HABITS[habit]))


_HABITS: Mapping[str, str] = {
    "drill": say("A click on a chart opens what is clicked; with Shift it filters."),
    "filter": say("A click on a chart filters by what is clicked; a second click opens it."),
    "highlight": say("A click on a chart lets what is clicked stand out everywhere; a second click opens it."),
}


def _columns(session: Session, viewer: Viewer, form: Form, at: Any) -> Done:
    """The columns that stand become those the person begins with."""
    viewer.require("rows")
    table = next((each for each in (LINES, BY_CUSTOMER) if each.name == inputs.field_text(form, "id")), None)
    if table is None:
        raise Invalid("The page sent a form that it does not have: load it again.")
    own = preferences.preferences_of(session, viewer).layouts
    standing = View.parse(inputs.view_at(at)).layout
    preferences.prefer(session, viewer, layouts=own.laid(table.name, standing))
    if standing == RowLayout():
        return Done(_t(viewer, "The table begins with its usual columns again."))
    return Done(_t(viewer, "The table begins with these columns for you from now on."))


ACTS: Mapping[str, Callable[[Session, Viewer, Form, Any], Done]] = {
    "save": _save,
    "change": _change,
    "remove": _remove,
    "restore": _restore,
    "pin": _pin,
    "unpin": _unpin,
    "link": _link,
    "click": _click,
    "columns": _columns,
}

_OF_THE_DIALOG = frozenset({"save", "change"})


def _wish(form: Form, at: Any) -> Wish:
    visibility = inputs.field_text(form, "visibility") or "private"
    return Wish(
        name=inputs.field_text(form, "name"),
        view=inputs.view_at(at),
        visibility=visibility,
        # The roles' ticks stay where they are while another audience is chosen.
        roles=inputs.ticked(form, "role:") if visibility == "role" else (),
        is_pinned=bool(form.get("pinned")),
        begins=bool(form.get("begins")),
        home=bool(form.get("home")),
        begins_for=inputs.ticked(form, "for:"),
    )


def _t(viewer: Viewer, sentence: str, **parts: str) -> str:
    return words(viewer.context.locale)(sentence, **parts)
