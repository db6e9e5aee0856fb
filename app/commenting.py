"""Commenting: which panel a comment is about, and who may read it; the same for the page and for programs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.handing import opened, panel_of
from app.services import comments
from app.services.comments import Point
from app.values.errors import Forbidden, Invalid, NotFound, Refusal
from app.values.hierarchy import TIME_LEVELS
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say
from layouts import format as fmt
from layouts.columns import member_text
from layouts.settle import span_of, view_of_period

if TYPE_CHECKING:
    from app.assembly import House


def about(house: House, viewer: Viewer, text: str) -> View:
    """The panel that a text names, in days instead of words that mean others tomorrow. Raises NotFound, Invalid."""
    viewer.require(comments.PERMISSION)
    if viewer.kind not in comments.KINDS or viewer.context.scope.is_nothing:
        raise Forbidden("Comments are for people who see something.")
    view = View.parse(text)
    if view.panel is None:
        raise Invalid("Comments stand at one panel of a dashboard.")
    panel_of(opened(house, viewer, view), viewer, view)
    span = span_of(view.selection, viewer.context)
    text = str(view.selection.period)
    if span is None or text[:1].isdigit() or text.startswith("FY"):
        return view
    return view_of_period(view, f"{span.start.isoformat()}..{span.last_day.isoformat()}")


LONGEST_KEY = 400
"""Letters of a member's key."""

_NO_POINT = say("There is no such point in this panel.")


def point_at(house: House, viewer: Viewer, text: str) -> Point | None:
    """The mark that a text names, `region:R2` or `month:2025-03`; None for an empty one, which is the whole panel.

    Raises Invalid, and NotFound for a member that is not among the viewer's rows.
    """
    if not text:
        return None
    level, colon, key = text.partition(":")
    if not colon or not level or max(len(level), len(key)) > LONGEST_KEY:
        raise Invalid("A point of a panel is written level:key, as in region:north.")
    locale = viewer.context.locale
    if level in TIME_LEVELS:
        time = str(Period.parse(key))
        if ".." in time or not time.removeprefix("FY")[:1].isdigit():
            raise NotFound(_NO_POINT)
        return Point(level, time, fmt.time_name(time, locale))
    try:
        found = house.asker.members(level, viewer.context, where=(Filter(level, (key,)),), limit=1)
    except Refusal:
        found = []
    if not found or found[0].key != key:
        raise NotFound(_NO_POINT)
    return Point(level, key, member_text(found[0], level, locale))


def point_name(point: Point, locale: str) -> str:
    """What a reader calls it: a time in words, anything else as whoever spoke of it saw it."""
    return fmt.time_name(point.key, locale) if point.level in TIME_LEVELS else point.name


def seen_by(house: House) -> comments.SeenBy:
    """What somebody else, by the address, sees now."""

    def sees(email: str) -> comments.Sees:
        return partial(house.sees_as_much, house.viewer_named(email))

    return sees


def sees_open(house: House, viewer: Viewer, view: View, scope: Scope, masks: frozenset[str]) -> bool:
    """Whether the viewer may see what a comment is about, and the panel is still there for the viewer."""
    try:
        panel_of(opened(house, viewer, view), viewer, view)
    except NotFound:
        return False
    return house.sees_as_much(viewer, view, scope, masks)
