"""Inputs: what a browser sent to a callback, taken only in the shape its components send; Invalid for anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.values.errors import Invalid
from app.values.words import say

Order = tuple[tuple[str, Any], ...]

LONGEST_SEARCH = 80
"""Letters of a search; what is beyond is not looked for."""

_LAST_LINE = 10**9
_ODD_FORM = say("The page sent a form that it does not have: load it again.")
_MOST_FIELDS = 100
_ODD_ROWS = say("The page does not say which rows are to be opened: load it again.")
_ODD_COLUMNS = say("The page does not say how its columns stand: load it again.")
_ODD_ORDER = say("Lines are ordered by the name of a column and a direction.")


def view_at(at: object) -> str:
    """The address of the view that stands; empty where none does."""
    if at is None:
        return ""
    text = at.get("view") if isinstance(at, dict) else None
    if not isinstance(text, str):
        raise Invalid("The page does not say which view it shows: load it again.")
    return text


def is_again(at: object) -> bool:
    """Whether the view that stands is drawn again because newer data came in."""
    return isinstance(at, dict) and bool(at.get("again"))


def panel_asked(asked: object) -> str:
    """The panel that was asked about."""
    panel = asked.get("panel") if isinstance(asked, dict) else None
    if not isinstance(panel, str):
        raise Invalid("The page does not say which panel is meant: load it again.")
    return panel


def searched(text: object) -> str:
    """What was typed into a search, without blanks around it; nothing typed is the empty text."""
    if text is None:
        return ""
    if not isinstance(text, str) or "\x00" in text or not _is_whole(text):
        raise Invalid("A search is made of letters: type a part of a name or key.")
    return text.strip()[:LONGEST_SEARCH]


def block(request: object) -> tuple[int, int, Order]:
    """The first line that a grid asks for, the one after its last, and the columns to order by with their direction."""
    if not isinstance(request, dict):
        raise Invalid("Lines are asked for by their numbers.")
    start, end = request.get("startRow"), request.get("endRow")
    # Python's True is a whole number too.
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= _LAST_LINE:
        raise Invalid("Lines are asked for by their numbers, from the first to the last.")
    return start, end, _order(request.get("sortModel"))


def _order(model: object) -> Order:
    if model is None:
        return ()
    if not isinstance(model, list):
        raise Invalid(_ODD_ORDER)
    order = tuple(_ordered_by(each) for each in model)
    if len({column for column, _ in order}) < len(order):
        raise Invalid("Lines are ordered by each column once.")
    return order


def _ordered_by(entry: object) -> tuple[str, Any]:
    column, direction = (entry.get("colId"), entry.get("sort")) if isinstance(entry, dict) else (None, None)
    if not isinstance(column, str) or not isinstance(direction, str):
        raise Invalid(_ODD_ORDER)
    return column, direction


def _is_whole(text: str) -> bool:
    """Whether the text has no half of a character, which JSON can carry and no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fields(asked: object) -> Mapping[str, object]:
    """What a form of the page sent: names with texts and ticks, and nothing deeper."""
    if not isinstance(asked, dict) or len(asked) > _MOST_FIELDS:
        raise Invalid(_ODD_FORM)
    if not all(isinstance(value, str | bool | int | None) for value in asked.values()):
        raise Invalid(_ODD_FORM)
    return asked


def field_text(asked: Mapping[str, object], name: str) -> str:
    """A text of a form; one that is missing is empty. Invalid for what no database takes."""
    value = asked.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value or not _is_whole(value):
        raise Invalid(_ODD_FORM)
    return value


def version_in(asked: Mapping[str, object]) -> int:
    """The version that a form was filled in on; 0, which nothing has, where it says none."""
    text = field_text(asked, "version")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def ticked(asked: Mapping[str, object], prefix: str) -> tuple[str, ...]:
    """The ends of the names, after the prefix, of all that is ticked in a form: roles, for instance."""
    return tuple(name.removeprefix(prefix) for name, value in asked.items() if name.startswith(prefix) and value)


def saved_in(at: object) -> str:
    """The id of the saved view that was opened; empty where none was."""
    saved = at.get("saved") if isinstance(at, dict) else None
    return saved if isinstance(saved, str) else ""


def opened_keys(open_now: object) -> tuple[str, ...]:
    """The keys of the customers whose lines stand open; none where nothing was opened yet."""
    keys = open_now.get("keys") if isinstance(open_now, dict) else None if open_now is None else ()
    if keys is None:
        return ()
    if not isinstance(keys, list) or not all(isinstance(key, str) and _is_whole(key) for key in keys):
        raise Invalid(_ODD_ROWS)
    if any("\x00" in key for key in keys):
        raise Invalid(_ODD_ROWS)
    return tuple(keys)


def dragged(asked: object) -> tuple[str, list[dict[str, Any]]]:
    """The grid whose columns were laid out by hand, and the columns from left to right.

    Each has colId, width, pinned, sort and sortIndex.
    """
    grid, columns = (asked.get("grid"), asked.get("columns")) if isinstance(asked, dict) else (None, None)
    if not isinstance(grid, str) or not isinstance(columns, list) or not 0 < len(columns) <= _MOST_FIELDS:
        raise Invalid(_ODD_COLUMNS)
    return grid, [_dragged(each) for each in columns]


def _dragged(column: object) -> dict[str, Any]:
    if not isinstance(column, dict):
        raise Invalid(_ODD_COLUMNS)
    found = {name: column.get(name) for name in ("colId", "width", "pinned", "sort", "sortIndex")}
    width, at = found["width"], found["sortIndex"]
    right = (
        isinstance(found["colId"], str)
        and (width is None or type(width) is int)
        and found["pinned"] in (None, "left", "right")
        and found["sort"] in (None, "asc", "desc")
        and (at is None or type(at) is int)
    )
    if not right:
        raise Invalid(_ODD_COLUMNS)
    return {**found, "sortIndex": at or 0}
