"""Those who moved most are found in SQL: the same as when everybody is compared."""

from __future__ import annotations

from typing import Any

import pytest

from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.query import Query
from queries.warehouse.engines.duckdb import DuckDBSnapshot
from tests.queries.company import context

EVERYTHING = Scope.everything()

SOME_MONTHS = "2023-02-11..2023-09-20"
SCOPES = (EVERYTHING, Scope.of(region={"nord", "east"}), Scope.of(currency={"JPY"}))


def ask_both(asker: Asker, monkeypatch: pytest.MonkeyPatch, query: Query, scope: Scope) -> None:
    """The question is answered alike with everybody fetched and without."""
    moved = asker.ask(query, context(scope))
    with monkeypatch.context() as patch:
        patch.setattr("queries.moved.LONG", 10**12)
        assert moved == asker.ask(query, context(scope)), (query, scope)


@pytest.mark.parametrize("by", [("customer",), ("product",), ("customer", "channel"), ("document",)])
@pytest.mark.parametrize("end", ["desc", "asc"])
def test_those_who_moved_most_are_the_first_of_all(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, by: tuple[str, ...], end: str
) -> None:
    for metrics in (("net_sales",), ("orders", "units"), ("net_sales", "margin_rate")):
        for scope, period in zip(SCOPES, (SOME_MONTHS, "2023", "2022"), strict=True):
            given: Any = {"limit": 4, "others": True, "totals": True, "versus": ("last-year",)}
            order: Any = ((f"{metrics[0]}@last-year:delta", end),)
            ask_both(asker, monkeypatch, Query(metrics, by, period=Period.parse(period), order=order, **given), scope)


def test_members_without_sales_in_one_of_the_periods_move_as_far_as_their_sales(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for versus in ("previous", "last-year", "2022-03"):
        for limit in (1, 7, 5_000):
            order: Any = ((f"net_sales@{versus}:delta", "asc"),)
            query = Query(
                ("net_sales",),
                ("customer",),
                (Filter("channel", ("web",), exclude=True),),
                period=Period.parse("2023-05"),
                versus=(versus,),
                order=order,
                limit=limit,
            )
            ask_both(asker, monkeypatch, query, EVERYTHING)


def test_both_ends_of_a_panel_are_read_in_one_statement(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: Any = ("desc", "asc")
    queries = [
        Query(
            ("net_sales",),
            ("customer",),
            period=Period.parse(SOME_MONTHS),
            versus=("last-year",),
            order=(("net_sales@last-year:delta", end),),
            limit=3,
            totals=True,
        )
        for end in ends
    ]
    alone = [asker.ask(query, context()) for query in queries]
    read: list[int] = []
    really = DuckDBSnapshot.fetch

    def noted(snapshot: DuckDBSnapshot, *given: Any, **named: Any) -> list[tuple[Any, ...]]:
        rows = really(snapshot, *given, **named)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(DuckDBSnapshot, "fetch", noted)
    assert asker.ask_all(queries, context()) == alone
    assert read == [6]
