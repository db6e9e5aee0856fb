"""Keeping: whom each rep has won, and what became of those who bought from each a year ago."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.figures import share
from app.values.context import QueryContext
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

FIELDS = ("bought", "kept", "handed", "stopped")
"""The columns that count the customers of a year ago: all, and the three parts that make them up."""


@dataclass
class _Book:
    """The customers of one rep: a year ago, and now."""

    before: set[str] = field(default_factory=set)
    now: set[str] = field(default_factory=set)


def keeping(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row a rep, those with the most customers a year ago first; credited to who sold at the time.

    "main" counts new customers by rep; "each" has how many orders of whom, now and a year ago. Columns: the rep, `new`
    (customers won), `bought` (customers a year ago) = `kept` (bought from the same rep again) + `handed` (bought from
    somebody else) + `stopped` (bought from nobody), and `retained`, the part that bought again from anybody.
    """
    main, t = frames["main"], words(context.locale)
    each = frames.get("each")
    won = {row[0]: number(row[main.index("new_customers")]) for row in main.rows if isinstance(row[0], Member)}
    books: dict[Member, _Book] = {member: _Book() for member in won}
    by_key = {rep.key: book for rep, book in books.items()}
    for rep, customer, now, before in _bought(each) if each is not None else ():
        book = by_key.get(rep.key)
        if book is None:
            book = by_key[rep.key] = books[rep] = _Book()
        if now:
            book.now.add(customer)
        if before:
            book.before.add(customer)
    anybody = {customer for book in books.values() for customer in book.now}
    rows: list[Row] = []
    for rep, book in books.items():
        if rep.key == NO_MEMBER or not (book.before or book.now or won.get(rep)):
            continue
        kept, again = len(book.before & book.now), len(book.before & anybody)
        bought = len(book.before)
        found = (int(won.get(rep) or 0), bought, kept, again - kept, bought - again)
        rows.append((rep, *found, share(again, bought)))
    rows.sort(key=lambda row: (-int(number(row[2]) or 0), str(row[0])))
    titles = {
        "new": t("New customers"),
        "bought": t("Customers a year ago"),
        "kept": t("Kept"),
        "handed": t("With somebody else"),
        "stopped": t("Stopped"),
    }
    counts = tuple(
        Column(name, title, "metric", name, unit="count", format="integer") for name, title in titles.items()
    )
    retained = Column("retained", t("Bought again"), "metric", "retained", unit="ratio", format="percent", better="up")
    notes = main.notes
    if not context.scope.is_everything:
        notes = (*notes, t("Who went on with somebody whose sales you do not see counts as stopped."))
    return Frame((main.columns[0], *counts, retained), tuple(rows), main.provenance, main.currency, notes=notes)


def _bought(frame: Frame) -> Iterator[tuple[Member, str, bool, bool]]:
    """(rep, customer's key, whether bought now, whether bought a year ago)."""
    now, before = frame.index("orders"), frame.index("orders@last-year")
    for row in frame.rows:
        if isinstance(row[0], Member) and isinstance(row[1], Member):
            yield row[0], row[1].key, bool(row[now]), bool(row[before])
