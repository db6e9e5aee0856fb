"""Grids: what is a shaded table, in programs that know no such chart."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import member_text, number
from layouts.native.chart import Figure, NativeGrid, column_code, scale_code, signed
from queries.frame import Frame, Member

STRONGEST = Decimal("0.25")
"""A change of this size or more has the full colour."""

MONTHS = 12
GOOD_OR_BAD = ("neg-bg", "surface", "pos-bg")
LITTLE_OR_MUCH = ("surface", "shade-1", "shade-2")


def heat(answered: AnsweredPanel) -> NativeGrid | None:
    """Members by months, each cell its change on last year, the largest members on top."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None or len(frame.columns) < 3:
        return None
    change = f"{metric.id}@last-year:change"
    if not frame.has(change):
        return None
    sizes: dict[Member, Decimal] = {}
    at = frame.index(metric.id)
    for row in frame.rows:
        if isinstance(row[0], Member):
            sizes[row[0]] = sizes.get(row[0], Decimal(0)) + Decimal(number(row[at]) or 0)
    months = sorted({row[1].key for row in frame.rows if isinstance(row[1], Member)})[-MONTHS:]
    members = sorted(sizes, key=lambda member: (-sizes[member], member.name))
    locale = answered.context.locale
    return NativeGrid(
        rows=tuple(member_text(member, frame.columns[0].level, locale) for member in members),
        columns=tuple(fmt.time_name(month, locale) for month in months),
        values=_crossed(frame, members, months, change),
        formats=(signed("0%"),) * len(months),
        colours=GOOD_OR_BAD if metric.better != "down" else (GOOD_OR_BAD[2], GOOD_OR_BAD[1], GOOD_OR_BAD[0]),
        bounds=(-STRONGEST, Decimal(0), STRONGEST),
        head=frame.columns[0].title,
    )


def matrix(answered: AnsweredPanel) -> NativeGrid | None:
    """How much more often two are bought together than by chance: 1 is chance."""
    frame = answered.frame
    if frame is None or not frame.has("lift"):
        return None
    members = list(dict.fromkeys(row[0] for row in frame.rows if isinstance(row[0], Member)))
    others = list(dict.fromkeys(row[1] for row in frame.rows if isinstance(row[1], Member)))
    level, locale = frame.columns[0].level, answered.context.locale
    return NativeGrid(
        rows=tuple(member_text(each, level, locale) for each in members),
        columns=tuple(member_text(each, level, locale) for each in others),
        values=_crossed(frame, members, [each.key for each in others], "lift"),
        formats=("0.0",) * len(others),
        colours=GOOD_OR_BAD,
        bounds=(Decimal(0), Decimal(1), Decimal(3)),
        head=frame.columns[0].title,
    )


def grid(answered: AnsweredPanel) -> NativeGrid | None:
    """Rows by columns of one kind, shaded from little to much; figures of another kind stand apart."""
    frame, metric = answered.frame, answered.metric
    rows = [] if frame is None else [row for row in frame.rows if isinstance(row[0], Member)]
    if frame is None or metric is None or not rows:
        return None
    cells = [column for column in frame.columns if column.role == "metric" and column.metric == metric.metric]
    apart = [column for column in frame.columns if column.role == "metric" and column.metric != metric.metric]
    locale = answered.context.locale
    values = tuple(tuple(number(row[frame.index(each.id)]) for each in (*cells, *apart)) for row in rows)
    code = "0%" if metric.unit in fmt.RATIOS else scale_code(frame_scale(answered))
    return NativeGrid(
        rows=tuple(member_text(row[0], frame.columns[0].level, locale) for row in rows),
        columns=tuple(each.title for each in (*cells, *apart)),
        values=values,
        formats=(
            *(code for _ in cells),
            *(column_code(each, locale, frame.currency) for each in apart),
        ),
        colours=LITTLE_OR_MUCH,
        bounds=_bounds(value for line in values for value in line[: len(cells)]),
        head=frame.columns[0].title,
        apart=len(apart),
        ids=tuple(each.id for each in (*cells, *apart)) if len(rows) == len(frame.rows) else (),
    )


def segment_grid(answered: AnsweredPanel) -> NativeGrid | None:
    """Recency by frequency and money, five by five: how many customers each cell holds."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.rows or not frame.has("customers"):
        return None
    at = frame.index("customers")
    held = {row[0].key: number(row[at]) for row in frame.rows if isinstance(row[0], Member)}
    scores = ("5", "4", "3", "2", "1")
    values = tuple(tuple(held.get(f"{recency}-{rest}") for rest in reversed(scores)) for recency in scores)
    return NativeGrid(
        rows=tuple(t("Recency {score}", score=score) for score in scores),
        columns=tuple(t("Frequency and money {score}", score=score) for score in reversed(scores)),
        values=values,
        formats=("#,##0",) * len(scores),
        colours=LITTLE_OR_MUCH,
        bounds=_bounds(value for line in values for value in line),
    )


def cohorts(answered: AnsweredPanel) -> NativeGrid | None:
    """Those who came together, and how many of them came back quarter by quarter."""
    frame = answered.frame
    rows = [] if frame is None else [row for row in frame.rows if isinstance(row[0], Member)]
    back = [] if frame is None else [c for c in frame.columns if c.role == "metric" and c.unit in fmt.RATIOS]
    if frame is None or not rows or not back:
        return None
    locale = answered.context.locale
    values = tuple(tuple(number(row[frame.index(each.id)]) for each in back) for row in rows)
    return NativeGrid(
        rows=tuple(member_text(row[0], frame.columns[0].level, locale) for row in rows),
        columns=tuple(each.title for each in back),
        values=values,
        formats=("0%",) * len(back),
        colours=LITTLE_OR_MUCH,
        bounds=_bounds(value for line in values for value in line),
        head=frame.columns[0].title,
        ids=tuple(each.id for each in back) if len(rows) == len(frame.rows) else (),
    )


def _crossed(
    frame: Frame, members: list[Member], columns: list[str], column: str
) -> tuple[tuple[Figure | None, ...], ...]:
    at = frame.index(column)
    cells = {
        (row[0].key, row[1].key): number(row[at])
        for row in frame.rows
        if isinstance(row[0], Member) and isinstance(row[1], Member)
    }
    return tuple(tuple(cells.get((member.key, key)) for key in columns) for member in members)


def _bounds(values: Iterable[Figure | None]) -> tuple[Decimal, Decimal, Decimal]:
    known = [Decimal(value) for value in values if value is not None]
    low, high = min(known, default=Decimal(0)), max(known, default=Decimal(1))
    return low, (low + high) / 2, high
