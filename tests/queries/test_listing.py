"""All lines behind a figure, for a file: the same lines in the same order as page by page, and each read once."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.values.errors import NotAskable
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from layouts.render.lines import Control, body
from queries import listing
from queries.asking import Asker
from queries.listing import lines, whole
from tests.queries.company import context

ALL = Period.parse("all")
SCOPES = {
    "everything": Scope.everything(),
    "a region": Scope.of(region={"nord"}),
    "nothing": Scope.nothing(),
}


@pytest.mark.parametrize("basis", ["booked", "invoiced", "paid"])
@pytest.mark.parametrize("name", SCOPES)
def test_all_lines_are_those_of_the_pages_in_their_order(
    asker: Asker, name: str, basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = context(SCOPES[name])
    with asker.engine.snapshot() as snapshot:
        page = lines((), ALL, basis, seen, snapshot, limit=10_000)
        monkeypatch.setattr(listing, "LARGEST_BLOCK", 90)
        found = whole((), ALL, basis, seen, snapshot)
        pieces = list(found.pieces)
    assert [row for piece in pieces for row in piece] == list(page.rows)
    assert (found.columns, found.total) == (page.columns, page.total)
    assert all(0 < len(piece) <= 90 for piece in pieces)
    assert (found.total > 100) == (name != "nothing")


def test_the_days_of_a_piece_are_read_in_no_other(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LARGEST_BLOCK", 50)
    with asker.engine.snapshot() as snapshot:
        found = whole((), ALL, "booked", context(), snapshot)
        at = [column.id for column in found.columns].index("order_date")
        days = [{row[at] for row in piece} for piece in found.pieces]
    assert len(days) > 3
    for newer, older in pairwise(days):
        assert min(newer) > max(older)


def test_masked_columns_are_not_read_and_filters_hold(asker: Asker) -> None:
    with asker.engine.snapshot() as snapshot:
        seen = context(masks=frozenset({"cost"}))
        found = whole((Filter("region", ("nord",)),), ALL, "booked", seen, snapshot)
        ids = [column.id for column in found.columns]
        rows = [row for piece in found.pieces for row in piece]
    assert not {"cost", "margin"} & set(ids)
    assert {row[ids.index("region")].key for row in rows} == {"nord"}


def test_a_currency_without_rates_is_refused_before_anything_is_read(asker: Asker) -> None:
    with asker.engine.snapshot() as snapshot, pytest.raises(NotAskable):
        whole((), ALL, "booked", context(currency="XXX"), snapshot)


@pytest.mark.postgres
@pytest.mark.parametrize(("currency", "order"), [("EUR", ()), ("USD", (("net", "desc"), ("customer", "asc")))])
def test_the_file_of_postgresql_is_the_same_byte_for_byte(
    few_asker: Asker, few_postgres: Asker, currency: str, order: listing.Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LARGEST_BLOCK", 70)
    monkeypatch.setattr(listing, "LARGEST_PAGE", 70)
    files = []
    for asker in (few_asker, few_postgres):
        with asker.engine.snapshot() as snapshot:
            found, control = whole((), ALL, "booked", context(currency=currency), snapshot, order=order), Control()
            parts = []
            for block in found.blocks:
                control.count(found.columns, block)
                parts.append(body(found.columns, block, currency))
            files.append((b"".join(parts), control.said()))
    assert files[0] == files[1]
    assert files[0][0].count(b"\r\n") == found.total > 100
