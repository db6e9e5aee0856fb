"""Selected: what a selection says in words, its members by name where the viewer may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import reduce

from app.domain.segments import SETS
from app.values.errors import Refusal
from app.values.hierarchy import TIME_LEVELS
from app.values.narrowing import AmountRange, FieldCondition, FieldRules
from app.values.selection import Filter, Narrowing, Selection
from app.values.viewer import Viewer
from app.values.words import say, words
from layouts import format as fmt
from layouts.columns import level_name, member_text
from layouts.dashboard import Asker
from layouts.derive.segments import set_name
from queries.frame import Member

BASIS_NAMES = {"booked": say("booked"), "invoiced": say("invoiced"), "paid": say("paid")}

BASIS_NOTES = {"booked": say("by order date"), "invoiced": say("by invoice date"), "paid": say("by payment date")}
"""What each basis counts a sale by."""

SHOWN = 3
"""Members that a filter lists by name."""

Names = Mapping[tuple[str, str], str]
"""(level, member key) → name; a member that is missing is called by its key."""


def names_of(selection: Selection, viewer: Viewer, asker: Asker) -> Names:
    """The names of the members a selection is told with; those that are not the viewer's to see are missing."""
    found: dict[tuple[str, str], str] = {}
    context = replace(viewer.context, currency=selection.currency or viewer.context.currency)
    within = () if viewer.only is None else viewer.only.stays(selection)
    for each in selection.where:
        if not isinstance(each, Filter) or each.level in TIME_LEVELS or not 0 < len(each.members) <= SHOWN:
            continue
        try:
            only = Filter(each.level, each.members)
            members = asker.members(each.level, context, where=(only, *within), limit=len(each.members))
        except Refusal:
            continue
        found.update({(each.level, member.key): member.name for member in members})
    return found


def step_text(level: str, key: str, names: Names, locale: str) -> str:
    """A member's name: a time in words, anything else as the warehouse calls it."""
    if level in TIME_LEVELS:
        return fmt.time_name(key, locale)
    return member_text(Member(key, names.get((level, key)) or key), level, locale)


def filter_text(chosen: Narrowing, names: Names, locale: str) -> str:
    """A filter in words: "Category: Bikes, Parts", "Channel: not Direct", "Customer: 12 chosen, @key-accounts",
    "Customer: Champions", "Amount of a document: from 1,000"."""
    t = words(locale)
    if isinstance(chosen, AmountRange):
        return amount_text(chosen, locale)
    if isinstance(chosen, FieldRules):
        return fields_text(chosen, locale)
    title = fmt.heading(t(level_name(chosen.level)))
    members = [step_text(chosen.level, key, names, locale) for key in chosen.members]
    told = members if len(members) <= SHOWN else [t("{count} chosen", count=len(members))]
    sets = (set_name(name, t) if name in SETS else f"@{name}" for name in chosen.sets)
    listed = ", ".join((*told, *sets))
    if chosen.exclude:
        return t("{level}: not {members}", level=title, members=listed)
    return t("{level}: {members}", level=title, members=listed)


AMOUNTS = {
    "line": say("Amount of a line"),
    "document": say("Total of a document"),
    "customer": say("Total of a customer"),
}
"""What a range of amounts is about."""

TESTS_NAMED = {
    "is": say("is one of"),
    "not": say("is none of"),
    "has": say("contains"),
    "from": say("at least"),
    "to": say("at most"),
    "known": say("is known"),
    "unknown": say("is not known"),
}
"""How a field is looked at."""


def amount_text(chosen: AmountRange, locale: str) -> str:
    """A range of amounts in words: "Total of a customer: 1,000 to 5,000"."""
    t = words(locale)
    low, high = ("" if bound is None else _plain(bound, locale) for bound in (chosen.low, chosen.high))
    title = t(AMOUNTS[chosen.of])
    if not high:
        return t("{what}: {low} or more", what=title, low=low)
    if not low:
        return t("{what}: {high} or less", what=title, high=high)
    return t("{what}: {low} to {high}", what=title, low=low, high=high)


def fields_text(rules: FieldRules, locale: str) -> str:
    """Rules on fields in words: "tier is one of gold and seats at least 20, or vip is known"."""
    t = words(locale)
    groups = (
        reduce(
            lambda one, other: t("{one} and {other}", one=one, other=other),
            (condition_text(each, locale) for each in group),
        )
        for group in rules.groups
    )
    return reduce(lambda one, other: t("{one}, or {other}", one=one, other=other), groups)


def condition_text(condition: FieldCondition, locale: str) -> str:
    """One condition in words."""
    return " ".join((condition.field, words(locale)(TESTS_NAMED[condition.test]), ", ".join(condition.values))).strip()


def _plain(value: Decimal, locale: str) -> str:
    return fmt.decimal_text(value, locale, max(0, -int(value.as_tuple().exponent)))
