"""View: a dashboard through a selection; it is a URL, and this is its only codec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import quote, unquote_to_bytes, urlsplit

from app.values.errors import Invalid, TooBig
from app.values.narrowing import BOUNDS, TESTS, AmountRange, FieldCondition, FieldRules, amount
from app.values.row_layouts import Direction, LaidColumn, Pin, RowLayout
from app.values.selection import DEFAULT_PERIOD, DEFAULT_VERSUS, Basis, Filter, Selection

LONGEST = 20_000
"""Characters of a view's URL; anything longer is refused."""

EMPTY_KEY = "$"
"""Stands for the empty member key; a dollar sign inside a key is always percent-encoded."""

SET_MARK = "@"
"""Begins the name of a set in a filter, `customer=@key-accounts`; inside a key it is always percent-encoded."""

CURRENCY_FILTER = "document_currency"
"""The parameter that filters by the currency dimension: `currency` itself is the reporting currency."""

_SAID_ONCE = frozenset(
    {"period", "versus", "basis", "currency", "grain", "drill", "amount", "fields", "columns", "sort"}
)
"""Parameters of which a second one would contradict the first."""

_OF_THE_LAYOUT = frozenset({"columns", "sort"})

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}", re.ASCII)
# Kept readable; everything with a meaning in a query string or in our lists is percent-encoded.
_PLAIN = "()"


@dataclass(frozen=True)
class View:
    """`View.parse(str(view)) == view`; the text leaves defaults out and has a fixed order.

    `layout` is how the rows are laid out in it; an empty one is the reader's own.
    """

    dashboard: str
    panel: str | None = None
    selection: Selection = field(default_factory=Selection)
    layout: RowLayout = field(default_factory=RowLayout)

    def __post_init__(self) -> None:
        for name in (self.dashboard, *(() if self.panel is None else (self.panel,))):
            if not _ID.fullmatch(name):
                raise Invalid("{name!r} is not the name of a dashboard or a panel.", name=name[:40])

    @classmethod
    def parse(cls, text: str) -> View:
        """Read a path with query, or a full URL; Invalid, with a sentence, when it is no view."""
        if len(text) > LONGEST:
            raise TooBig("A view's address has at most {longest:,} characters.", longest=LONGEST)
        try:
            parts = urlsplit(text)
        except ValueError:
            raise Invalid("This is not the address of a view.") from None
        steps = [_unquoted(step) for step in parts.path.strip("/").split("/")]
        if not 2 <= len(steps) <= 3 or steps[0] != "d":
            raise Invalid("A view's address starts with /d/ and the name of a dashboard.")
        panel = steps[2] if len(steps) == 3 else None
        return cls(steps[1], panel, parse_selection(parts.query), parse_layout(parts.query))

    def __str__(self) -> str:
        path = f"/d/{self.dashboard}" + (f"/{self.panel}" if self.panel else "")
        query = "&".join(filter(None, (selection_text(self.selection), layout_text(self.layout))))
        return f"{path}?{query}" if query else path

    def with_selection(self, selection: Selection) -> View:
        """The same dashboard or panel through another selection."""
        return replace(self, selection=selection)

    def covers(self, asked: View) -> bool:
        """Whether an address is this view, or one panel of it."""
        return str(asked) == str(self) or str(asked.of_panel(None)) == str(self)

    def of_panel(self, panel: str | None) -> View:
        """One panel alone, or with None the whole dashboard."""
        return replace(self, panel=panel)


def selection_text(selection: Selection) -> str:
    """The selection as a query string without `?`; empty for the default selection."""
    return "&".join(f"{name}={value}" for name, value in _parameters(selection))


def _parameters(selection: Selection) -> Iterator[tuple[str, str]]:
    if selection.period != DEFAULT_PERIOD:
        yield "period", str(selection.period)
    if selection.versus != DEFAULT_VERSUS:
        yield "versus", ",".join(selection.versus) or "none"
    if selection.basis != "booked":
        yield "basis", selection.basis
    if selection.currency is not None:
        yield "currency", selection.currency
    if selection.grain is not None:
        yield "grain", selection.grain
    if selection.drill:
        yield "drill", "/".join(f"{level}:{_quoted(member)}" for level, member in selection.drill)
    for chosen in selection.filters:
        name = CURRENCY_FILTER if chosen.level == "currency" else chosen.level
        parts = (*(_quoted(member) for member in chosen.members), *(SET_MARK + each for each in chosen.sets))
        yield name, ("!" if chosen.exclude else "") + ",".join(parts)
    if selection.amounts:
        yield "amount", ",".join(f"{each.of}:{_bound(each.low)}..{_bound(each.high)}" for each in selection.amounts)
    if selection.fields is not None:
        yield "fields", "*".join(";".join(map(_condition_text, group)) for group in selection.fields.groups)


def _bound(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _condition_text(condition: FieldCondition) -> str:
    values = ",".join(_quoted(value) for value in condition.values)
    return f"{_quoted(condition.field)}:{condition.test}" + (f":{values}" if condition.values else "")


def layout_text(layout: RowLayout) -> str:
    """The layout as a query string without `?`: `columns=customer:left,net:right:120,!cost&sort=net:desc`."""
    columns = ",".join(
        ":".join(
            (
                ("!" if column.hidden else "") + _quoted(column.id),
                *([column.pin] if column.pin else []),
                *([str(column.width)] if column.width is not None else []),
            )
        )
        for column in layout.columns
    )
    order = ",".join(f"{_quoted(column)}:{direction}" for column, direction in layout.sort)
    return "&".join(f"{name}={value}" for name, value in (("columns", columns), ("sort", order)) if value)


def parse_layout(query: str) -> RowLayout:
    """Read the layout out of a raw (still percent-encoded) query string, with or without `?`."""
    said = {name: value for name, value in _pairs(query) if name in _OF_THE_LAYOUT}
    columns = tuple(_column(text) for text in said.get("columns", "").split(",") if text)
    order = tuple(_sorted_by(text) for text in said.get("sort", "").split(",") if text)
    return RowLayout(columns, order)


def _column(text: str) -> LaidColumn:
    column, *said = text.removeprefix("!").split(":")
    pin: Pin | None = None
    width = None
    for each in said:
        if each in ("left", "right") and pin is None:
            pin = "left" if each == "left" else "right"
        elif each.isdecimal() and each.isascii() and len(each) < 6 and width is None:
            width = int(each)
        else:
            raise Invalid("A column is written name, name:left or name:right:120.")
    return LaidColumn(_unquoted(column), width, pin, text.startswith("!"))


def _sorted_by(text: str) -> tuple[str, Direction]:
    column, _, direction = text.partition(":")
    if direction not in ("asc", "desc"):
        raise Invalid("An order is asc or desc.")
    return _unquoted(column), "asc" if direction == "asc" else "desc"


def parse_selection(query: str) -> Selection:
    """Read a raw (still percent-encoded) query string, with or without `?`."""
    selection = Selection()
    filters: list[Filter] = []
    for name, value in _pairs(query):
        match name:
            case "period":
                selection = selection.with_period(_unquoted(value))
            case "versus":
                selection = selection.with_versus(*_versus(value))
            case "basis":
                selection = selection.with_basis(_basis(_unquoted(value)))
            case "currency":
                selection = selection.with_currency(_unquoted(value).upper())
            case "grain":
                selection = selection.with_grain(_unquoted(value))
            case "drill":
                selection = replace(selection, drill=tuple(_drill(value)))
            case "amount":
                selection = replace(selection, amounts=tuple(_amount_range(part) for part in value.split(",")))
            case "fields":
                groups = (tuple(_condition(each) for each in group.split(";")) for group in value.split("*"))
                selection = selection.with_fields(FieldRules(tuple(groups)))
            case "columns" | "sort":
                continue
            case _:
                level = "currency" if name == CURRENCY_FILTER else name
                exclude = value.startswith("!")
                parts = value.removeprefix("!").split(",")
                members = tuple(_key(part) for part in parts if not part.startswith(SET_MARK))
                sets = tuple(_unquoted(part[1:]) for part in parts if part.startswith(SET_MARK))
                filters.append(Filter(level, members, exclude, sets))
    return replace(selection, filters=tuple(filters)) if filters else selection


def _amount_range(text: str) -> AmountRange:
    of, _, bounds = text.partition(":")
    low, dots, high = bounds.partition("..")
    if not dots:
        raise Invalid("An amount range is written line:100..500, document:1000.. or customer:..20000.")
    if of not in BOUNDS:
        raise Invalid("{value!r} has no amount: choose line, document or customer.", value=of[:40])
    return AmountRange(of, amount(low) if low else None, amount(high) if high else None)


def _condition(text: str) -> FieldCondition:
    name, _, rest = text.partition(":")
    test, colon, values = rest.partition(":")
    if test not in TESTS:
        raise Invalid("A rule on a field is written field:is:value, field:from:30 or field:known.")
    return FieldCondition(_key(name), test, tuple(_key(each) for each in values.split(",")) if colon else ())


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    """Names with their values, still encoded; only filters may come more than once, as from a form's list."""
    seen: set[str] = set()
    for pair in query.removeprefix("?").split("&"):
        encoded, equals, value = pair.partition("=")
        name = _unquoted(encoded)
        if name and not equals:
            raise Invalid("{name!r} says nothing: write what it should be after an equals sign.", name=name[:40])
        if not value:  # an emptied form field, or a stray `&`
            continue
        if name in seen:
            raise Invalid("The address says {name} more than once.", name=name)
        if name in _SAID_ONCE:
            seen.add(name)
        yield name, value


def _versus(value: str) -> tuple[str, ...]:
    texts = tuple(part for part in _unquoted(value).split(",") if part)
    return () if texts == ("none",) else texts


def _basis(text: str) -> Basis:
    match text:
        case "booked" | "invoiced" | "paid":
            return text
    raise Invalid("{text!r} is not a basis: choose booked, invoiced or paid.", text=text[:40])


def _drill(value: str) -> Iterator[tuple[str, str]]:
    for step in value.split("/"):
        level, colon, member = step.partition(":")
        if not colon or not member:
            raise Invalid("A drill path is written level:member/level:member.")
        yield _unquoted(level), _key(member)


def _quoted(member: str) -> str:
    return quote(member, safe=_PLAIN) if member else EMPTY_KEY


def _key(text: str) -> str:
    return "" if text == EMPTY_KEY else _unquoted(text)


def _unquoted(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeError:
        raise Invalid("The address holds characters that are not UTF-8.") from None
