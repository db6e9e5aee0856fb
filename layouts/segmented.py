"""Segmented: the customers of a segment as a set, "@segment-champions", found anew for whoever looks and whenever."""

from __future__ import annotations

from app.domain.segments import SETS
from app.values.view import View
from app.values.viewer import Viewer
from layouts.dashboard import Asker, answer_panel
from layouts.dashboards.customers import CUSTOMERS, LIST
from layouts.derive.segments import CELL, RFM
from queries.frame import Member


def sets_of(view: View, viewer: Viewer, asker: Asker) -> dict[str, tuple[str, ...]]:
    """The customers of each segment and cell among those that the view's other filters leave, by the name of its set.

    Sets of a view's other filters have to be found by now. A segment that nobody is in is an empty set.
    """
    bare = view.of_panel(None).with_selection(view.selection.without_filter("customer"))
    listed = answer_panel(CUSTOMERS, LIST, bare, viewer, asker).frame
    if listed is None or not listed.has(RFM):
        return {}
    found: dict[str, list[str]] = {}
    named = (listed.index(RFM), listed.index(CELL))
    for row in listed.rows:
        customer = row[0]
        for at in named:
            segment = row[at]
            if isinstance(customer, Member) and isinstance(segment, Member):
                found.setdefault(segment.key, []).append(customer.key)
    return {name: tuple(found.get(segment, ())) for name, segment in SETS.items()}


def are_named(view: View) -> bool:
    """Whether the view is of the customers of a segment."""
    chosen = view.selection.filter_on("customer")
    return chosen is not None and any(name in SETS for name in chosen.sets)
