"""Selection: the part of the business looked at; relative until a today and a scope settle it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from app.values.errors import Invalid, NotAskable
from app.values.hierarchy import LEVELS, TIME_LEVELS
from app.values.narrowing import BOUNDS, AmountRange, Bound, FieldRules
from app.values.period import Period

Basis = Literal["booked", "invoiced", "paid"]
BASES: tuple[Basis, ...] = ("booked", "invoiced", "paid")
COMPARISONS: tuple[str, ...] = ("previous", "last-year", "budget")
"""What a figure can be held against by name; a period's text is the other choice."""

DEFAULT_PERIOD = Period("this", "quarter")
DEFAULT_VERSUS: tuple[str, ...] = ("budget", "last-year")

_SET = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True)
class Filter:
    """Only these members of a level, or all but these: keys, and names of sets, sorted and at least one.

    A set stays a name until it is looked up for whoever asks; `found` holds the members of all its sets then, and is
    None before. The address says the names either way.
    """

    level: str
    members: tuple[str, ...]
    exclude: bool = False
    sets: tuple[str, ...] = ()
    found: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_level(self.level)
        if not self.members and not self.sets:
            raise Invalid("A filter on {level} needs at least one member.", level=self.level.replace("_", " "))
        for member in (*self.members, *(self.found or ())):
            check_member(member)
        for name in self.sets:
            check_set(name)
        object.__setattr__(self, "members", tuple(sorted(set(self.members))))
        object.__setattr__(self, "sets", tuple(sorted(set(self.sets))))
        if self.found is not None:
            object.__setattr__(self, "found", tuple(sorted(set(self.found))) if self.sets else None)

    @property
    def leaves_out_nobody(self) -> bool:
        """Whether this leaves out the members of sets in which there is nobody now."""
        return self.exclude and not self.members and self.found == ()

    def settled(self) -> Filter:
        """The same with every set spelled out as its members. NotAskable where they were not found, or hold nobody."""
        if not self.sets:
            return self
        if self.found is None:
            raise NotAskable(
                "{names} cannot be used here: there is no such set for you, or not one of this dimension.",
                names=", ".join(f"@{name}" for name in self.sets),
            )
        if not self.members and not self.found:
            raise NotAskable("There is nobody in {names} now.", names=", ".join(f"@{name}" for name in self.sets))
        return Filter(self.level, (*self.members, *self.found), self.exclude)


Narrowing = Filter | AmountRange | FieldRules
"""Whatever narrows the rows; all that are given must hold."""


@dataclass(frozen=True)
class Selection:
    """Period, comparisons, filters, drill path, grain, basis and currency; equal selections mean the same.

    `drill` lists (level, member key) from the top down; `grain` is the level of time that series are drawn by;
    `currency` overrides the reporting currency. There is at most one filter of each kind for a level, and one range of
    amounts for each of what has an amount; `fields` are rules on the company's own fields of customers.
    """

    period: Period = DEFAULT_PERIOD
    versus: tuple[str, ...] = DEFAULT_VERSUS
    filters: tuple[Filter, ...] = ()
    drill: tuple[tuple[str, str], ...] = ()
    grain: str | None = None
    basis: Basis = "booked"
    currency: str | None = None
    amounts: tuple[AmountRange, ...] = ()
    fields: FieldRules | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "versus", settle_versus(self.versus))
        object.__setattr__(self, "filters", _merged(self.filters))
        object.__setattr__(self, "amounts", tuple(sorted(self.amounts, key=lambda each: BOUNDS.index(each.of))))
        if len({each.of for each in self.amounts}) < len(self.amounts):
            raise Invalid("There is one range for the amounts of lines, one for documents and one for customers.")
        for level, member in self.drill:
            check_level(level)
            check_member(member)
        if len({level for level, _ in self.drill}) < len(self.drill):
            raise Invalid("A drill path passes each level once.")
        if self.grain is not None and self.grain not in TIME_LEVELS:
            raise Invalid("{value!r} is not a grain: choose day, week, month, quarter or year.", value=self.grain[:40])
        check_basis(self.basis)
        if self.currency is not None and not _CURRENCY.fullmatch(self.currency):
            raise Invalid("{value!r} is not a currency: write three letters such as EUR.", value=self.currency[:40])

    @property
    def where(self) -> tuple[Narrowing, ...]:
        """All that narrows the rows: the drill path from the top down, then the filters; all must hold."""
        filters = (each for each in self.filters if not each.leaves_out_nobody)
        return (*(Filter(level, (member,)) for level, member in self.drill), *filters, *self.narrowed)

    @property
    def narrowed(self) -> tuple[Narrowing, ...]:
        """What narrows the rows beside members: ranges of amounts and rules on fields."""
        return (*self.amounts, *(() if self.fields is None else (self.fields,)))

    @property
    def drilled(self) -> tuple[str, ...]:
        """The levels of the drill path: what `settle_level` takes."""
        return tuple(level for level, _ in self.drill)

    def drill_to(self, level: str, member: str) -> Selection:
        """One step down, into a member; a level already on the path is gone back to first."""
        kept = self.drill_up(level).drill[:-1] if level in self.drilled else self.drill
        return replace(self, drill=(*kept, (level, member)))

    def drill_up(self, to: str | None = None) -> Selection:
        """Back up so that `to` is the deepest level left; None leaves the whole company."""
        if to is None:
            return replace(self, drill=())
        if to not in self.drilled:
            return self
        return replace(self, drill=self.drill[: self.drilled.index(to) + 1])

    def filter_on(self, level: str, *, exclude: bool = False) -> Filter | None:
        """The filter of that kind on the level, if any."""
        return next((f for f in self.filters if f.level == level and f.exclude == exclude), None)

    def only_member(self, level: str) -> str | None:
        """The one member of a level that this is about, by its filter or the steps drilled down; None otherwise."""
        only = self.filter_on(level)
        if only is not None and not only.sets and len(only.members) == 1:
            return only.members[0]
        return next((member for at, member in self.drill if at == level), None)

    def with_filter(
        self, level: str, members: Iterable[str], *, exclude: bool = False, sets: Iterable[str] = ()
    ) -> Selection:
        """Every filter on the level replaced by this one; no members and no sets means no filter."""
        chosen, named = tuple(members), tuple(sets)
        others = self.without_filter(level)
        if not chosen and not named:
            return others
        return replace(others, filters=(*others.filters, Filter(level, chosen, exclude, named)))

    def without_filter(self, level: str) -> Selection:
        """No filter on the level."""
        return replace(self, filters=tuple(f for f in self.filters if f.level != level))

    def without(self, narrowing: Narrowing) -> Selection:
        """Without one thing that narrows the rows."""
        match narrowing:
            case AmountRange():
                return self.with_amount(narrowing.of, None)
            case FieldRules():
                return self.with_fields(None)
        return self.without_filter(narrowing.level)

    def toggle(self, level: str, member: str) -> Selection:
        """The member into the level's filter, or out of it: a click on a bar. Sets stay chosen beside it."""
        chosen = self.filter_on(level)
        members = set(chosen.members) if chosen else set()
        return self.with_filter(level, members ^ {member}, sets=chosen.sets if chosen else ())

    def with_amount(self, of: Bound, chosen: AmountRange | None) -> Selection:
        """Another range for what it is about, or none."""
        others = tuple(each for each in self.amounts if each.of != of)
        return replace(self, amounts=others if chosen is None else (*others, chosen))

    def with_fields(self, fields: FieldRules | None) -> Selection:
        """Other rules on fields, or none."""
        return replace(self, fields=fields)

    def with_period(self, period: Period | str) -> Selection:
        """Another period."""
        return replace(self, period=Period.parse(period) if isinstance(period, str) else period)

    def with_versus(self, *versus: str) -> Selection:
        """Other comparisons."""
        return replace(self, versus=versus)

    def with_grain(self, grain: str | None) -> Selection:
        """Another grain of time; None lets each panel choose."""
        return replace(self, grain=grain)

    def with_basis(self, basis: Basis) -> Selection:
        """Another basis."""
        return replace(self, basis=basis)

    def with_currency(self, currency: str | None) -> Selection:
        """Another reporting currency; None is the context's."""
        return replace(self, currency=currency)


def settle_versus(versus: Iterable[str]) -> tuple[str, ...]:
    """Comparisons in their canonical text, each once, in the given order; Invalid beyond two."""
    known = tuple(dict.fromkeys(v if v in COMPARISONS else str(Period.parse(v)) for v in versus))
    if len(known) > 2:
        raise Invalid("A figure is compared with two others at most.")
    return known


def check_level(level: str) -> None:
    """Invalid, naming the nearest level, unless `level` is one."""
    if level not in LEVELS:
        near = get_close_matches(level, LEVELS, 1)
        if near:
            raise Invalid("{level!r} is not a dimension: did you mean {near}?", level=level[:40], near=near[0])
        raise Invalid("{level!r} is not a dimension.", level=level[:40])


def check_member(member: str) -> None:
    """Invalid for a key that no database can hold."""
    if "\x00" in member:
        raise Invalid("A member's key holds no zero character.")
    if any("\ud800" <= letter <= "\udfff" for letter in member):  # JSON can carry half a character
        raise Invalid("A member's key is made of whole characters.")


def check_set(name: str) -> None:
    """Invalid unless `name` can be that of a set: small letters, digits and hyphens, beginning with a letter."""
    if not _SET.fullmatch(name):
        raise Invalid(
            "{name!r} is not the name of a set: it has up to 40 small letters, digits and hyphens.", name=name[:40]
        )


def check_basis(basis: str) -> None:
    """Invalid unless `basis` is booked, invoiced or paid."""
    if basis not in BASES:
        raise Invalid("{basis!r} is not a basis: choose booked, invoiced or paid.", basis=basis[:40])


def _merged(filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """One filter per level and kind, members joined as a list of choices is, in a fixed order."""
    joined: dict[tuple[str, bool], Filter] = {}
    for f in filters:
        kept = joined.get((f.level, f.exclude))
        joined[f.level, f.exclude] = f if kept is None else _joined(kept, f)
    return tuple(f for _, f in sorted(joined.items(), key=lambda entry: entry[0]))


def _joined(one: Filter, other: Filter) -> Filter:
    unknown = any(each.sets and each.found is None for each in (one, other))
    return Filter(
        one.level,
        (*one.members, *other.members),
        one.exclude,
        (*one.sets, *other.sets),
        None if unknown else (*(one.found or ()), *(other.found or ())),
    )
