"""Sets: members are filtered by the name they are kept under, kept under one, or pasted as a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from app.services import named_sets, sharing
from app.values.errors import Invalid, NotFound, Refusal, TooBig
from app.values.selection import Selection
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from callbacks import inputs
from callbacks.draw import opened
from callbacks.registry import Registry
from layouts.screen import filters, ids, sets
from layouts.screen.kept import with_saved
from layouts.screen.sets import KnownSet
from queries.frame import Member
from queries.members import Search

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.assembly import House

PERMISSION = "dashboards"

Form = Mapping[str, object]
Done = tuple[Selection, str]
"""The selection an act leads to, and what is said of it."""


def register(registry: Registry, house: House) -> None:
    """Put the sets of the filters' sheet on the application."""

    def list_sets(level: object, due: object, at: dict[str, Any] | None) -> Any:
        if not due or not inputs.view_at(at):
            return no_update, no_update
        # What was said of the last act stands until another level is chosen or the sheet is opened again.
        stood = ctx.triggered_id == ids.NARROW_DUE and isinstance(due, dict) and due.get("stood")
        said = no_update if stood else ""
        return listed(house, registry.current_viewer(), at, level), said

    def act(asked: Any, at: dict[str, Any] | None) -> Any:
        if asked is None or not inputs.view_at(at):
            return (no_update,) * 3
        return acted(house, registry.current_viewer(), at, asked)

    registry.callback(
        Output(ids.SETS, "children"),
        Output(ids.SETS_SAID, "children", allow_duplicate=True),
        Input(ids.FILTER_LEVEL, "value"),
        Input(ids.NARROW_DUE, "data"),
        State(ids.AT, "data"),
        permission=PERMISSION,
        prevent_initial_call=True,
    )(list_sets)
    registry.callback(
        Output(ids.SETS_SAID, "children"),
        Output(ids.SETS, "children", allow_duplicate=True),
        Output(ids.URL, "href", allow_duplicate=True),
        Input(ids.SETS_ACT, "data"),
        State(ids.AT, "data"),
        permission=PERMISSION,
        prevent_initial_call=True,
    )(act)


def listed(house: House, viewer: Viewer, at: dict[str, Any] | None, level: object) -> list[Component]:
    """The sets of a level that there are for the viewer, first those that mean whoever looks."""
    _, view = opened(house, viewer, at)
    asked = filters.searchable(level)
    with house.database.read() as session:
        known = [
            *_own(session, viewer, asked),
            *(_known(each) for each in named_sets.listed(session, viewer, level=asked)),
        ]
        audiences = sharing.offered(viewer, sharing.person_of(session, viewer)) if viewer.kind == "person" else ()
    offered = [each for each in audiences if each in sets.AUDIENCES]
    return sets.body(view, asked, known, offered, viewer.context.locale)


def _own(session: Session, viewer: Viewer, level: str) -> list[KnownSet]:
    """ "@me" and the like, where they mean somebody."""
    known = []
    for name, levels in named_sets.OWN.items():
        if level in levels:
            try:
                named_sets.expand(session, viewer, Selection().with_filter(level, (), sets=(name,)))
            except Refusal:
                continue
            known.append(KnownSet(name))
    return known


def _known(card: named_sets.SetCard) -> KnownSet:
    if not card.is_mine:
        return KnownSet(card.name, card.owner)
    return KnownSet(card.name, "", card.id, card.version, len(card.members or ()))


def acted(house: House, viewer: Viewer, at: dict[str, Any] | None, asked: object) -> tuple[Any, Any, Any]:
    """What is said, the list of sets anew, and the address that follows; or what stands against it."""
    form = inputs.fields(asked)
    _, view = opened(house, viewer, at)
    try:
        match inputs.field_text(form, "act"):
            case "save":
                done = _save(house, viewer, form, view)
            case "rename":
                done = _rename(house, viewer, form, view)
            case "remove":
                done = _remove(house, viewer, form, view)
            case "paste":
                done = _paste(house, viewer, form, view)
            case _:
                raise Invalid("The page sent a form that it does not have: load it again.")
    except Refusal as refusal:
        return words(viewer.context.locale)(refusal.sentence), no_update, no_update
    after = str(View.parse(inputs.view_at(at)).with_selection(done[0]))
    goes = no_update if after == inputs.view_at(at) else with_saved(after, inputs.saved_in(at))
    anew = no_update
    if goes is no_update and form.get("act") != "paste":
        anew = listed(house, viewer, at, form.get("level"))
    return done[1], anew, goes


def _save(house: House, viewer: Viewer, form: Form, view: View) -> Done:
    level = filters.searchable(form.get("level"))
    chosen = view.selection.filter_on(level)
    if chosen is None or not chosen.members:
        raise Invalid("Choose some members first: they are kept under the name.")
    card = _create(house, viewer, form, level, chosen.settled().members)
    t = words(viewer.context.locale)
    return view.selection.with_filter(level, (), sets=(card.name,)), t("{name} is kept.", name=f"@{card.name}")


def _create(house: House, viewer: Viewer, form: Form, level: str, members: tuple[str, ...]) -> named_sets.SetCard:
    name = named_sets.name_from(inputs.field_text(form, "name"))
    visibility = inputs.field_text(form, "visibility") or "private"
    with house.database.write() as session:
        return named_sets.create(session, viewer, name=name, level=level, members=members, visibility=visibility)


def _rename(house: House, viewer: Viewer, form: Form, view: View) -> Done:
    before = _mine(house, viewer, form)
    version, name = inputs.version_in(form), named_sets.name_from(inputs.field_text(form, "name"))
    with house.database.write() as session:
        after = named_sets.change(session, viewer, before.id, version=version, name=name)
    said = words(viewer.context.locale)(
        "{before} is called {after} now.", before=f"@{before.name}", after=f"@{after.name}"
    )
    return _renamed(view.selection, before, after.name), said


def _remove(house: House, viewer: Viewer, form: Form, view: View) -> Done:
    card = _mine(house, viewer, form)
    with house.database.write() as session:
        named_sets.remove(session, viewer, card.id)
    said = words(viewer.context.locale)("{name} is deleted.", name=f"@{card.name}")
    return _renamed(view.selection, card, None), said


def _mine(house: House, viewer: Viewer, form: Form) -> named_sets.SetCard:
    asked = inputs.field_text(form, "id")
    with house.database.read() as session:
        found = [each for each in named_sets.listed(session, viewer) if each.id == asked and each.is_mine]
    if not found:
        raise NotFound("There is no such set.")
    return found[0]


def _renamed(selection: Selection, card: named_sets.SetCard, name: str | None) -> Selection:
    """The selection with the set under its new name, or without it."""
    chosen = selection.filter_on(card.level)
    if chosen is None or card.name not in chosen.sets:
        return selection
    names = [name if each == card.name else each for each in chosen.sets]
    return selection.with_filter(card.level, chosen.members, sets=[each for each in names if each is not None])


def _paste(house: House, viewer: Viewer, form: Form, view: View) -> Done:
    level, text = filters.searchable(form.get("level")), inputs.field_text(form, "list")
    if len(text) > sets.LONGEST_LIST:
        raise TooBig("A list has at most {longest:,} letters.", longest=sets.LONGEST_LIST)
    members, missing = matched(house, viewer, level, text)
    said = sets.told(len(members), missing, viewer.context.locale)
    if not members:
        return view.selection, said
    keys = tuple(member.key for member in members)
    if not inputs.field_text(form, "name").strip():
        return view.selection.with_filter(level, keys), said
    card = _create(house, viewer, form, level, keys)
    t = words(viewer.context.locale)
    after = view.selection.with_filter(level, (), sets=(card.name,))
    return after, f"{said} " + t("{name} is kept.", name=f"@{card.name}")


def matched(house: House, viewer: Viewer, level: str, text: str) -> tuple[list[Member], list[str]]:
    """The members a pasted list names by key or name, whatever the case, and its entries that name none to the viewer.

    Entries stand on lines or between commas and semicolons; a line that is a name as a whole is not taken apart.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parts = {line: [part.strip() for part in re.split(r"[,;\t]", line) if part.strip()] for line in lines}
    asked = dict.fromkeys(entry for line in lines for entry in (line, *parts[line]))
    if not asked:
        raise Invalid("Paste some codes or names first.")
    if len(asked) > 2 * named_sets.MOST_MEMBERS:
        raise TooBig("A list has at most {most:,} members.", most=named_sets.MOST_MEMBERS)
    search = Search(level, texts=tuple(asked), limit=4 * named_sets.MOST_MEMBERS)
    by_text: dict[str, list[Member]] = {}
    for member in house.asker.options(search, viewer.context).members:
        for spelt in {member.key.lower(), member.name.lower()}:
            by_text.setdefault(spelt, []).append(member)
    entries = [entry for line in lines for entry in ([line] if line.lower() in by_text else parts[line])]
    members = dict.fromkeys(member for entry in entries for member in by_text.get(entry.lower(), ()))
    return list(members), [entry for entry in dict.fromkeys(entries) if entry.lower() not in by_text]
