"""Drawn: the two components of our own, `assets/drawn.js`, that keep a page light for the browser.

Dash keeps every component of a page in its store, and each of them looks there whenever anything changes. What only
stands to be read is one component of ours instead, however much is in it; a picture is one as well.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from dash.development.base_component import Component

HTML = "dash_html_components"


class _Own(Component):
    """A component that `assets/drawn.js` knows."""

    _namespace = "salient"
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_wildcard_properties: ClassVar[list[str]] = []


class Plain(_Own):
    """Components of HTML without ids, written by the browser as they are; nothing in them takes part in a callback."""

    _type = "Plain"
    _prop_names: ClassVar[list[str]] = ["content"]

    def __init__(self, content: list[Any]) -> None:
        self.content = content


class Picture(_Own):
    """The figure in `data`, drawn by plotly in the colours of the moment and at the size of its place."""

    _type = "Picture"
    _prop_names: ClassVar[list[str]] = ["id", "data"]

    def __init__(self, place: dict[str, Any], data: dict[str, Any] | None = None) -> None:
        self.id = place
        self.data = data


def light(content: Any) -> Any:
    """The same content, the largest parts of it that are plain each as one component; what is no component stays."""
    if isinstance(content, list | tuple):
        return _in_runs(content)
    if not isinstance(content, Component):
        return content
    return Plain([content]) if _is_plain(content) else _inside(content)


def _in_runs(content: list[Any] | tuple[Any, ...]) -> list[Any]:
    """Neighbours that are plain are put together."""
    made: list[Any] = []
    run: list[Any] = []
    for each in content:
        if _is_plain(each):
            run.append(each)
            continue
        made += _together(run)
        made.append(_inside(each))
        run = []
    return made + _together(run)


def _together(run: list[Any]) -> list[Any]:
    return [Plain(run)] if any(isinstance(each, Component) for each in run) else run


def _inside(content: Any) -> Any:
    inside = getattr(content, "children", None) if isinstance(content, Component) else None
    if inside is None or isinstance(inside, str):
        return content
    made = copy.copy(content)
    made.children = light(inside)
    return made


def _is_plain(content: Any) -> bool:
    if isinstance(content, list | tuple):
        return all(_is_plain(each) for each in content)
    if not isinstance(content, Component):
        return content is None or isinstance(content, str | int | float)
    if content._namespace != HTML or getattr(content, "id", None) is not None:
        return False
    return _is_plain(getattr(content, "children", None))
