"""Sets: in the sheet of filters, the named sets of a level, what keeps the choice as one, and the list to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.selection import Selection
from app.values.view import View
from app.values.words import Words, say, words
from layouts.columns import level_name
from layouts.screen import ids
from layouts.screen.parts import link

AUDIENCES: Mapping[str, str] = {"private": say("Only me"), "team": say("My team"), "everyone": say("Everyone")}
"""Who a set can be for here; sets for single roles are made where views are shared with roles."""

LONGEST_LIST = 20_000
"""Letters of a list that is pasted."""

TOLD = 10
"""Entries of a list without a member that are named one by one."""


@dataclass(frozen=True)
class KnownSet:
    """A set that the viewer may use: by name, whose it is, and for one's own what it is changed by."""

    name: str
    owner: str = ""
    id: str = ""
    version: int = 0
    count: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether the viewer may change it."""
        return bool(self.id)


def toggled(selection: Selection, level: str, name: str) -> Selection:
    """The set put into the level's filter beside what is chosen, or taken out."""
    chosen = selection.filter_on(level)
    members, sets = (chosen.members, set(chosen.sets)) if chosen else ((), set())
    return selection.with_filter(level, members, sets=sets ^ {name})


def body(
    view: View, level: str, known: Sequence[KnownSet], audiences: Sequence[str], locale: str = "en"
) -> list[Component]:
    """The sets, then what can be done with what is chosen or pasted."""
    t, chosen = words(locale), view.selection.filter_on(level)
    content: list[Component] = []
    if known:
        entries = [_entry(view, level, each, t) for each in known]
        content.append(html.Ul(entries, className="sets", **{"aria-label": t("Sets")}))
    if chosen is not None and chosen.members:
        count = len(chosen.members)
        title = t.n("Keep {n} chosen member as a set", "Keep {n} chosen members as a set", count)
        content.append(_folded("keep-set", title, _keep(t("Name"), "save", t("Keep"), level, audiences, t)))
    content.append(_folded("paste-list", t("Paste a list"), _paste(level, audiences, t)))
    return content


def _entry(view: View, level: str, known: KnownSet, t: Words) -> Component:
    chosen = view.selection.filter_on(level)
    current = chosen is not None and known.name in chosen.sets
    note = known.owner or (t.n("{n:,} member", "{n:,} members", known.count) if known.count is not None else "")
    name = link(
        f"@{known.name}",
        str(view.with_selection(toggled(view.selection, level, known.name))),
        current=current,
        note=note,
        stay=True,
    )
    name.className = "pickable"
    return html.Li([name, *([_changes(known, level, t)] if known.is_mine else [])])


def _changes(known: KnownSet, level: str, t: Words) -> Component:
    own = {"data-to": ids.SETS_ACT, "data-id": known.id, "data-version": str(known.version), "data-level": level}
    rename = html.Button(t("Rename"), className="act", type="submit", **{"data-keep": "rename", **own})
    remove = html.Button(t("Delete"), className="act", type="button", **{"data-keep": "remove", **own})
    name = dbc.Input(name="name", value=known.name, class_name="field", autocomplete="off", maxlength=40, required=True)
    field = html.Label([t("Name"), name])
    form = html.Form([field, html.Div([rename, remove], className="wrap")], className="stack", **{"data-quiet": "true"})
    title = t("Change {name}", name=f"@{known.name}")
    return html.Details([html.Summary("…", title=title, **{"aria-label": title}), form], className="set-change")


def _keep(label: str, act: str, title: str, level: str, audiences: Sequence[str], t: Words) -> list[Component]:
    fields: list[Component] = [_name(label, t, required=act == "save")]
    if len(audiences) > 1:
        fields.append(_audience(audiences, t))
    return [*fields, _act(act, title, level)]


def _name(label: str, t: Words, *, required: bool) -> Component:
    placeholder = t("key-accounts")
    name = dbc.Input(
        name="name", class_name="field", autocomplete="off", maxlength=40, placeholder=placeholder, required=required
    )
    return html.Label([label, name])


def _audience(audiences: Sequence[str], t: Words) -> Component:
    options = [{"label": t(AUDIENCES[each]), "value": each} for each in audiences if each in AUDIENCES]
    return html.Label(
        [t("Who may use it"), dbc.Select(name="visibility", value="private", class_name="field", options=options)]
    )


def _act(act: str, title: str, level: str) -> Component:
    return html.Button(
        title, className="act pri", type="submit", **{"data-keep": act, "data-to": ids.SETS_ACT, "data-level": level}
    )


def _paste(level: str, audiences: Sequence[str], t: Words) -> list[Component]:
    asked = t("Codes or names of the level {level}, one a line or with commas between", level=level_name(level))
    area = html.Textarea(name="list", rows=5, className="field", maxLength=LONGEST_LIST, required=True)
    return [
        html.Label([asked, area]),
        *_keep(t("Keep it as a set (if you give it a name)"), "paste", t("Filter by these"), level, audiences, t),
    ]


def _folded(name: str, title: str, fields: list[Component]) -> Component:
    form = html.Form(fields, className="stack", **{"data-quiet": "true"})
    return html.Details([html.Summary(title), form], className=f"folded {name}")


def told(found: int, missing: Sequence[str], locale: str = "en") -> str:
    """What became of a pasted list, in sentences: what belongs to somebody else is missing like what there is not."""
    t = words(locale)
    said = t.n("{n:,} member found.", "{n:,} members found.", found)
    if not missing:
        return said
    names = ", ".join(missing[:TOLD])
    if len(missing) > TOLD:
        rest = len(missing) - TOLD
        return f"{said} " + t("Not among the rows that you may see: {names} and {rest:,} more.", names=names, rest=rest)
    return f"{said} " + t("Not among the rows that you may see: {names}.", names=names)
