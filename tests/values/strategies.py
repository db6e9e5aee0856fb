"""Random words of the house: member keys nobody would choose, periods, selections and views."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

from hypothesis import strategies as st

from app.values.calendar import Calendar
from app.values.hierarchy import LEVELS, TIME_LEVELS
from app.values.narrowing import BOUNDS, AmountRange, FieldCondition, FieldRules
from app.values.period import UNITS, Period
from app.values.row_layouts import NARROWEST, WIDEST, LaidColumn, RowLayout
from app.values.scope import Scope
from app.values.selection import BASES, COMPARISONS, Filter, Selection
from app.values.view import View

NASTY_KEYS = (
    "",
    "(none)",
    "!",
    "!a",
    "$",
    "a,b",
    "a/b",
    "a:b",
    "a b",
    "a+b",
    "50%",
    "%2C",
    "ü∑😀",
    "&x=1",
    "#",
    "?",
    "'",
    '"',
    "..",
    "@",
    "@key-accounts",
    "@@",
)

keys = st.sampled_from(NASTY_KEYS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8
)
levels = st.sampled_from(sorted(LEVELS))
days = st.dates(date(2000, 1, 1), date(2035, 12, 31))

calendars = st.builds(
    Calendar,
    fiscal_start_month=st.integers(1, 12),
    fiscal_label=st.sampled_from([None, "ends", "starts"]),
    pattern=st.sampled_from(["gregorian", "445", "454", "544"]),
    year_end_month=st.integers(1, 12),
    year_end_day=st.integers(1, 31),
    year_end_weekday=st.integers(0, 6),
    year_end_rule=st.sampled_from(["nearest", "last"]),
)


@st.composite
def named_periods(draw: st.DrawFn) -> Period:
    """One key, or a range of two keys of one kind."""
    unit = draw(st.sampled_from(UNITS))
    first, until = sorted((draw(days), draw(days)))
    ordinary = Calendar()
    return Period.parse(f"{ordinary.key(unit, first)}..{ordinary.key(unit, until)}")


units = st.sampled_from([unit.replace("_", "-") for unit in UNITS])
periods = st.one_of(
    st.just(Period.parse("all")),
    named_periods(),
    st.builds("this-{}".format, units).map(Period.parse),
    st.builds("last-{}".format, units).map(Period.parse),
    st.builds("last-{}-{}s".format, st.integers(1, 30), units).map(Period.parse),
    st.builds("{}-to-date".format, units).map(Period.parse),
)

set_names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
filters = st.builds(Filter, levels, st.lists(keys, min_size=1, max_size=4).map(tuple), st.booleans())
named_filters = st.builds(
    Filter,
    levels,
    st.lists(keys, max_size=2).map(tuple),
    st.booleans(),
    st.lists(set_names, min_size=1, max_size=2).map(tuple),
)
cents = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number).scaleb(-2))
bounds = (
    st.lists(st.none() | cents, min_size=2, max_size=2)
    .filter(any)
    .map(
        lambda pair: sorted(pair) if None not in pair else pair  # type: ignore[type-var]
    )
)
amounts = st.builds(lambda of, pair: AmountRange(of, *pair), st.sampled_from(BOUNDS), bounds)
said = st.sampled_from(["gold", "a,b", "", "$", "x;y*z", "50%", "ü∑😀", "30", "@me", "!a", "a:b", "a|b"])
field_names = st.sampled_from(["tier", "payment_terms_days", "Größe", "a b", "a:b;c*d", "!x", "@y", "is"])
conditions = st.one_of(
    st.builds(
        FieldCondition, field_names, st.sampled_from(["is", "not"]), st.lists(said, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(FieldCondition, field_names, st.just("has"), said.filter(bool).map(lambda text: (text,))),
    st.builds(
        FieldCondition,
        field_names,
        st.sampled_from(["from", "to"]),
        st.sampled_from(["30", "-1.5", "2024-05-31"]).map(lambda text: (text,)),
    ),
    st.builds(FieldCondition, field_names, st.sampled_from(["known", "unknown"])),
)
rules = st.lists(st.lists(conditions, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(
    lambda groups: FieldRules(tuple(groups))
)

selections = st.builds(
    Selection,
    period=periods,
    versus=st.lists(st.sampled_from(COMPARISONS) | periods.map(str), max_size=2).map(tuple),
    filters=st.lists(filters | named_filters, max_size=4).map(tuple),
    drill=st.lists(st.tuples(levels, keys), max_size=4, unique_by=lambda step: step[0]).map(tuple),
    grain=st.none() | st.sampled_from(sorted(TIME_LEVELS)),
    basis=st.sampled_from(BASES),
    currency=st.none() | st.sampled_from(["EUR", "JPY"]),
    amounts=st.lists(amounts, max_size=3, unique_by=lambda each: each.of).map(tuple),
    fields=st.none() | rules,
)
column_ids = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12)
columns = st.builds(
    LaidColumn,
    column_ids,
    st.none() | st.integers(NARROWEST, WIDEST),
    st.sampled_from([None, "left", "right"]),
    st.booleans(),
)
layouts = st.builds(
    RowLayout,
    st.lists(columns, max_size=5, unique_by=lambda column: column.id).map(tuple),
    st.lists(st.tuples(column_ids, st.sampled_from(["asc", "desc"])), max_size=3, unique_by=lambda by: by[0]).map(
        tuple
    ),
)
names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
views = st.builds(View, names, st.none() | names, selections, st.just(RowLayout()) | layouts)

clauses = st.dictionaries(
    st.sampled_from(["region", "rep", "team"]), st.frozensets(st.sampled_from("abcd"), min_size=1), max_size=3
)
scopes = st.lists(clauses, max_size=3).map(
    lambda found: reduce(or_, (Scope.of(**clause) for clause in found), Scope.nothing())
)
