"""Small parts that every screen is made of: icons, tool buttons, links that keep the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from app.values.words import words
from layouts.columns import level_name
from layouts.format import heading

Content: TypeAlias = Component | str | Sequence[Component | str] | None


def unbroken(text: str) -> str:
    """The sentence with every sign kept on the line of its amount: browsers break between "+" and "€"."""
    return _SIGN_AND_SYMBOL.sub("\\1\N{WORD JOINER}", text)


_SIGN_AND_SYMBOL = re.compile(r"([+−])(?=[^\d\s])")


def icon(name: str) -> Component:
    """A line drawing in the colour of the text around it; always beside words or inside a named control."""
    return html.Span(className=f"icon icon-{name}", **{"aria-hidden": "true"})


def tool(action: str, name: str, drawing: str, **attributes: Any) -> Component:
    """A button that the browser's part acts on by its `data-tool`; `name` is what it is called."""
    return html.Button(
        icon(drawing),
        className="tool",
        type="button",
        title=name,
        **{"aria-label": name, "data-tool": action, **attributes},
    )


def link(content: Content, href: str, *, current: bool = False, note: str = "", stay: bool = False) -> Component:
    """An entry of a menu: a link to the view it leads to, marked when that is the view already shown.

    `stay` keeps the menu or sheet open when the link is followed.
    """
    attributes: dict[str, Any] = {"aria-current": "true"} if current else {}
    if stay:
        attributes["data-stay"] = "true"
    trailing = icon("check") if current else html.Small(note) if note else None
    parts = [html.Span(content), *([] if trailing is None else [trailing])]
    return html.A(parts, href=href, **attributes)


def menu(label: str, value: str, content: Content, *, wide: bool = False, name: str = "") -> Component:
    """A control of the top bar: what it is, what is chosen, and the choices behind it; keys find it by its `name`."""
    named = {"data-menu": name} if name else {}
    return html.Details(
        [
            html.Summary([html.Small(label), value], title=f"{label}: {value}"),
            html.Div(content, className="menu wide" if wide else "menu"),
        ],
        className="pick",
        **named,
    )


def level_title(level: str, locale: str = "en") -> str:
    """A level's name as a heading: "Document type"."""
    return heading(words(locale)(level_name(level)))
