"""Component ids, made in one place. A pattern id is built by a function: no two callers spell it differently."""

from __future__ import annotations

from typing import Any

URL = "url"
AT = "at"
MAIN = "main"
LEDE = "lede"
RAIL = "rail"
PICKS = "picks"
CRUMBS = "crumbs"
FOOTER = "stand"
NOTICES = "notices"
LIVE = "live"
TOUR = "tour"
TOUR_SEEN = "tour-seen"

SEARCH = "search"
FOUND = "found"

FILTERS = "filters"
FILTERS_ASKED = "filters-asked"
FILTER_LEVEL = "filter-level"
FILTER_SEARCH = "filter-search"
FILTER_MEMBERS = "filter-members"
FILTER_CHOSEN = "filter-chosen"

SETS = "sets"
SETS_ACT = "sets-act"
SETS_SAID = "sets-said"

NOTES_LIST = "notes-list"
NOTES_TEXT = "notes-text"
NOTES_ACT = "notes-act"
NOTES_SAID = "notes-said"

RANGE_ASKED = "range-asked"
MARK = "mark"
ROWS = "rows"
ROWS_ASKED = "rows-asked"
ROWS_DUE = "rows-due"
ROWS_HEAD = "rows-head"
ROWS_BODY = "rows-body"
GRID = "grid"
GRID_OF = "grid-of"
LEDGER_HEAD = "ledger-head"
LEDGER_BODY = "ledger-body"
LEDGER = "ledger"
LEDGER_OF = "ledger-of"
LEDGER_OPEN = "ledger-open"
LAID = "laid"
NARROW = "narrow"
NARROW_DUE = "narrow-due"
FILTER_MORE = "filter-more"
EXPLAIN = "explain"
EXPLAIN_ASKED = "explain-asked"
EXPLAIN_BODY = "explain-body"

VIEWS = "views"
VIEWS_ASKED = "views-asked"
VIEWS_BODY = "views-body"
SAVE = "save"
SAVE_ASKED = "save-asked"
SAVE_BODY = "save-body"
SAVE_SAID = "save-said"
KEEP = "keep"
KEPT = "kept"
COPIED = "copied"
OPENED = "opened"
NEWER = "newer"

DISPLAYS = "displays"
DISPLAYS_ASKED = "displays-asked"
DISPLAYS_ACT = "displays-act"
DISPLAYS_BODY = "displays-body"
DISPLAYS_SAID = "displays-said"

Id = dict[str, Any]


def answer(dashboard: Any, panel: Any) -> Id:
    """Where a panel's answer stands: title, finding, table."""
    return {"type": "answer", "dashboard": dashboard, "panel": panel}


def figure(dashboard: Any, panel: Any) -> Id:
    """A panel's picture, or the store of what is drawn otherwise: the figure is its `data`, colours still tokens."""
    return {"type": "figure", "dashboard": dashboard, "panel": panel}


def tree(dashboard: Any, panel: Any) -> Id:
    """Where the browser writes the rows of a tree table."""
    return {"type": "tree", "dashboard": dashboard, "panel": panel}


def branches_asked(dashboard: Any, panel: Any) -> Id:
    """The store of the rows that were opened."""
    return {"type": "branches-asked", "dashboard": dashboard, "panel": panel}


def branches(dashboard: Any, panel: Any) -> Id:
    """The store of what is under them."""
    return {"type": "branches", "dashboard": dashboard, "panel": panel}


def twin(dashboard: Any, panel: Any) -> Id:
    """Where a picture's table stands, once it is asked for."""
    return {"type": "twin", "dashboard": dashboard, "panel": panel}


def cards(dashboard: Any, row: Any) -> Id:
    """A row of cards, answered together."""
    return {"type": "cards", "dashboard": dashboard, "row": row}
