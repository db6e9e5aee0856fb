"""Still: what guests are shown: a screen nothing to press or to follow, an embed only what it was granted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.values.errors import Refusal
from app.values.leave import Leave
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.columns import level_name
from layouts.format import heading
from layouts.marks import Gesture
from layouts.screen import live
from layouts.screen.breadcrumbs import crumbs, filter_words
from layouts.screen.drawn import Plain
from layouts.screen.picks import period_title
from layouts.screen.surroundings import Surroundings
from layouts.selected import step_text

_ANY = "0"
"""Stands for any member, where it is only asked whether one could be chosen."""

_MERE = frozenset({"x", "act", "tool"})
"""Classes of links that are no words of a sentence: where they lead nowhere they are gone."""


def seen_by(viewer: Viewer, content: Any) -> Any:
    """What is drawn, as it is for whoever looks: for guests without what leads beyond what they may look at."""
    if viewer.only is None:
        return content
    return still(content) if viewer.only.is_still else fenced(viewer.only, content)


def seen_panel(viewer: Viewer, answered: AnsweredPanel) -> AnsweredPanel:
    """An answer whose marks do what whoever looks may do."""
    return answered if viewer.only is None else replace(answered, gesture=_gesture(viewer.only, answered))


def _gesture(leave: Leave, answered: AnsweredPanel) -> Gesture:
    level, view = answered.drill_level, View.parse(answered.asked_for)
    if leave.is_still or answered.gesture == "none" or not level:
        return "none"
    if answered.gesture == "drill" and leave.leads_to(view.with_selection(view.selection.drill_to(level, _ANY))):
        return "drill"
    return "filter" if leave.leads_to(view.with_selection(view.selection.toggle(level, _ANY))) else "none"


def still(content: Any) -> Any:
    """The same content in which links are their words, and buttons are gone."""
    if isinstance(content, list | tuple):
        return [still(each) for each in content if not isinstance(each, html.Button | html.Details | html.Form)]
    if isinstance(content, Plain):
        return Plain(still(content.content))
    if not isinstance(content, Component):
        return content
    inside = still(getattr(content, "children", None))
    if isinstance(content, html.A):
        return html.Span(inside, className=getattr(content, "className", ""))
    if inside is not None:
        content.children = inside
    return content


def fenced(leave: Leave, content: Any, *, in_menu: bool = False) -> Any:
    """The same content with the links and buttons that lead to what an embed may show; None where nothing is left."""
    if isinstance(content, list | tuple):
        kept = (fenced(leave, each, in_menu=in_menu) for each in content)
        return [each for each in kept if each is not None]
    if isinstance(content, Plain):
        return Plain(fenced(leave, content.content, in_menu=in_menu))
    if not isinstance(content, Component):
        return content
    if isinstance(content, html.Button):
        return content if _may_press(leave, getattr(content, "data-tool", "")) else None
    if isinstance(content, html.A):
        return _link(leave, content, in_menu=in_menu)
    holds = isinstance(content, html.Details | html.Form)
    inside = fenced(leave, getattr(content, "children", None), in_menu=in_menu or holds)
    if holds and not _leads(inside):
        return None
    if inside is not None:
        content.children = inside
    return content


def _may_press(leave: Leave, tool: str) -> bool:
    allowed = {
        "flip": True,
        "rows": leave.may("rows"),
        "filters": leave.may("filter"),
        "range": leave.may_change("period"),
        "against": leave.may_change("versus"),
    }
    return allowed.get(tool, False)


def _link(leave: Leave, link: html.A, *, in_menu: bool) -> Component | None:
    href, kind = str(getattr(link, "href", "")), str(getattr(link, "className", "") or "")
    if hasattr(link, "download"):
        return link if leave.may("export") and (".rows." not in href or leave.may("rows")) else None
    if href == leave.place:
        return link
    if _is_followed(leave, href):
        link.href = leave.place + href
        return link
    if in_menu or kind in _MERE:
        return None
    return html.Span(fenced(leave, getattr(link, "children", None)), className=kind)


def _is_followed(leave: Leave, href: str) -> bool:
    """Whether an address is part of what was granted; from one panel to another only with leave to drill."""
    try:
        view = View.parse(href)
    except Refusal:
        return False
    return leave.leads_to(view) and (view.panel == leave.view.panel or leave.may("drill"))


def _leads(content: Any) -> bool:
    """Whether anything in it can be pressed, or followed to where one is not already."""
    if isinstance(content, list | tuple):
        return any(map(_leads, content))
    if isinstance(content, html.A):
        return not hasattr(content, "aria-current")
    return isinstance(content, html.Button) or (
        isinstance(content, Component) and _leads(getattr(content, "children", None))
    )


def banner(around: Surroundings) -> list[Component]:
    """What the screen shows: the dashboard, the period, where it was drilled to, the filters, and as of when."""
    locale, view = around.viewer.context.locale, around.view
    t, shown = words(locale), around.dashboard
    told = [
        f"{heading(t(level_name(level)))}: {step_text(level, key, around.names, locale)}"
        for level, key in view.selection.drill
    ]
    told += [filter_words(around, each) for each in view.selection.filters]
    return [
        html.Strong(t(shown.title) if shown else "Salient", className="banner-title"),
        html.Span(period_title(str(view.selection.period), locale), className="banner-period"),
        *(html.Span(html.Span(each), className="chip") for each in told),
        _as_of(around),
    ]


def embedded(around: Surroundings, leave: Leave) -> list[Component]:
    """What stands above an embed: its period where that stays, the way drilled down, the filters, and as of when."""
    locale, selection = around.viewer.context.locale, around.view.selection
    stays = [html.Span(period_title(str(selection.period), locale), className="banner-period")]
    way: list[Component] = [each for each in fenced(leave, crumbs(around)) if selection.drill or not _is_path(each)]
    return [*([] if leave.may_change("period") else stays), *way, _as_of(around)]


def _is_path(part: Component) -> bool:
    return isinstance(part, html.Nav)


def _as_of(around: Surroundings) -> Component:
    context = around.viewer.context
    return live.status(around.stand, context.today, context.locale, still=True)
