"""Distribution: how attainment spreads over people, in bins, with who stands in each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.pace import EDGES, Bin
from app.domain.pace import distribution as spread
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import Words, words
from layouts import format as fmt
from layouts.columns import member_text, number
from queries.frame import Column, Frame, Member, Row

REACHED = 1 + EDGES.index(Decimal(1))
"""The position of the first bin of those who have reached their quota."""

FEWEST = 2
"""One alone does not spread."""


def distribution(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row a bin of attainment to date, from the lowest up; the totals count everybody with a quota.

    "main" has one level and quota_attainment. Columns: `bin`, `members` (how many), `share` of all, `who` by name.
    Invalid with fewer than two who have a quota.
    """
    main, t, locale = frames["main"], words(context.locale), context.locale
    level, at = main.columns[0], main.index("quota_attainment")
    names: dict[str, str] = {}
    pairs: list[tuple[str, Decimal | None]] = []
    for row in main.rows:
        if isinstance(row[0], Member) and row[0].key != NO_MEMBER:
            names[row[0].key] = member_text(row[0], level.level, locale)
            figure = number(row[at])
            pairs.append((row[0].key, None if figure is None else Decimal(figure)))
    found = spread(pairs)
    if found.n < FEWEST:
        raise Invalid("There is nobody to compare with here: a distribution needs two people with a quota.")
    rows: list[Row] = [
        (bin_name(each, t, locale), len(each.keys), Decimal(len(each.keys)) / found.n, _listed(each.keys, names))
        for each in found.bins
    ]
    columns = (
        Column("bin", t("Attainment to date"), "dimension"),
        Column("members", level.title, "metric", "members", unit="count", format="integer"),
        Column("share", t("Share"), "metric", "share", unit="ratio", format="percent"),
        Column("who", t("Who"), "dimension"),
    )
    notes = [*main.notes]
    if found.lower_quartile is not None and found.upper_quartile is not None:
        told = {
            "low": fmt.percent(found.lower_quartile, locale, 0),
            "high": fmt.percent(found.upper_quartile, locale, 0),
        }
        notes.append(t("The middle half stands between {low} and {high}.", **told))
    if found.without:
        who = _listed(found.without, names)
        notes.append(t.n("{n} has no quota: {who}.", "{n} have no quota: {who}.", len(found.without), who=who))
    totals: Row = ("", found.n, Decimal(1), "")
    return Frame(columns, tuple(rows), main.provenance, main.currency, totals, notes=tuple(notes))


def bin_name(each: Bin, t: Words, locale: str) -> str:
    """A bin in words: "80–90%", "below 50%", "150% and more"."""
    if each.start is None:
        return t("below {end}", end=fmt.percent(each.end, locale, 0))
    if each.end is None:
        return t("{start} and more", start=fmt.percent(each.start, locale, 0))
    return f"{fmt.decimal_text(each.start * 100, locale, 0)}–{fmt.percent(each.end, locale, 0)}"


def _listed(keys: tuple[str, ...], names: Mapping[str, str]) -> str:
    return ", ".join(names[key] for key in keys)
