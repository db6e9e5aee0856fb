"""Selected: what a selection says in words, its members by name where the viewer may see them."""

from __future__ import annotations

from collections.abc import Mapping

from app.values.context import QueryContext
from app.values.errors import Refusal
from app.values.hierarchy import TIME_LEVELS
from app.values.selection import Filter, Selection
from app.values.words import say, words
from layouts import format as fmt
from layouts.columns import level_name
from layouts.dashboard import Asker

BASIS_NAMES = {"booked": say("booked"), "invoiced": say("invoiced"), "paid": say("paid")}

BASIS_NOTES = {"booked": say("by order date"), "invoiced": say("by invoice date"), "paid": say("by payment date")}
"""What each basis counts a sale by."""

SHOWN = 3
"""Members that a filter lists by name."""

Names = Mapping[tuple[str, str], str]
"""(level, member key) → name; a member that is missing is called by its key."""


def names_of(selection: Selection, context: QueryContext, asker: Asker) -> Names:
    """The names of the members a selection is told with; those that are not the viewer's to see are missing."""
    found: dict[tuple[str, str], str] = {}
    for each in selection.where:
        if each.level in TIME_LEVELS or not 0 < len(each.members) <= SHOWN:
            continue
        try:
            only = Filter(each.level, each.members)
            members = asker.members(each.level, context, where=(only,), limit=len(each.members))
        except Refusal:
            continue
        found.update({(each.level, member.key): member.name for member in members})
    return found


def step_text(level: str, key: str, names: Names, locale: str) -> str:
    """A member's name: a time in words, anything else as the warehouse calls it."""
    if level in TIME_LEVELS:
        return fmt.time_name(key, locale)
    return names.get((level, key)) or key


def filter_text(chosen: Filter, names: Names, locale: str) -> str:
    """A filter in words: "Category: Bikes, Parts", "Channel: not Direct", "Customer: 12 chosen, @key-accounts"."""
    t = words(locale)
    title = fmt.heading(t(level_name(chosen.level)))
    members = [step_text(chosen.level, key, names, locale) for key in chosen.members]
    told = members if len(members) <= SHOWN else [t("{count} chosen", count=len(members))]
    listed = ", ".join((*told, *(f"@{name}" for name in chosen.sets)))
    if chosen.exclude:
        return t("{level}: not {members}", level=title, members=listed)
    return t("{level}: {members}", level=title, members=listed)
