"""Attach: who buys one thing and what else; rates with their lift, where enough documents tell."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.basket import Attach, Counts, attach_rates
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row


def attach(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """Each pair that enough documents hold, both ways, those that chance cannot explain first and by lift.

    Main has one level and `orders` with the total, "pairs" `orders` by the level and what is bought with it. Columns:
    the level, `other`, `rate`, `lift`, `support`, `joint`, `sure`. Invalid when no pair is in enough documents.
    """
    main, pairs, t = frames["main"], frames.get("pairs"), words(context.locale)
    if pairs is None:
        raise Invalid("Go one step up to see what is bought together.")
    members = {row[0].key: row[0] for row in main.rows if isinstance(row[0], Member) and row[0].key != NO_MEMBER}
    found = attach_rates(counts_of(main, pairs, members))
    if not found:
        raise Invalid("No two of these are in ten documents together: too few to tell.")
    level = main.columns[0]
    ratio = {"unit": "ratio", "format": "percent"}
    columns = (
        level,
        Column("other", t("Also bought"), "dimension", level=level.level),
        Column("rate", t("Attach rate"), "metric", "rate", **ratio),
        Column("lift", t("Lift"), "metric", "lift", unit="factor", format="decimal"),
        Column("support", t("Of all documents"), "metric", "support", **ratio),
        Column("joint", t("Documents with both"), "metric", "joint", unit="count", format="integer"),
        Column("sure", t("More than chance"), "dimension"),
    )
    words_of = {True: t("Yes"), False: t("No")}
    rows = tuple(_row(each, members, words_of) for each in found)
    return Frame(columns, rows, main.provenance, main.currency, notes=main.notes)


def counts_of(main: Frame, pairs: Frame, members: Mapping[str, Member]) -> Counts:
    """How many documents there are, hold a member, and hold two."""
    items = {row[0].key: _count(row, main) for row in main.rows if isinstance(row[0], Member) and row[0].key in members}
    joint = {
        (one.key, other.key): _count(row, pairs)
        for row in pairs.rows
        if isinstance(one := row[0], Member) and isinstance(other := row[1], Member)
        and one.key < other.key and one.key in items and other.key in items
    }  # fmt: skip
    return Counts(_count(main.totals, main) if main.totals is not None else 0, items, joint)


def _count(row: Row, frame: Frame) -> int:
    return int(number(row[frame.index("orders")]) or 0)


def _row(each: Attach, members: Mapping[str, Member], words_of: Mapping[bool, str]) -> Row:
    return (
        members[each.item],
        members[each.other],
        each.rate,
        each.lift.value,
        each.support,
        each.joint,
        words_of[each.sound],
    )
