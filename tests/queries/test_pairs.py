"""Priya asks what is bought together: pairs on one document, inside the period, the filters and the scope."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from functools import partial
from typing import Any

import pytest

from app.values.errors import NotAskable
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.frame import Frame, Member
from queries.gather import Reading
from queries.query import Query
from queries.slice import Slice
from tests.queries import oracle
from tests.queries.company import FEW_DOCUMENTS, context
from tests.queries.questions import SEED, random_scope, some

LEVELS = ("category", "subcategory", "product")
QUESTIONS = 30
Pairs = dict[tuple[str, str], int]


def pairs(asker: Asker, level: str, scope: Scope, where: tuple[Filter, ...] = ()) -> Pairs:
    """How many documents hold each two members."""
    query = Query(("orders",), (level, f"with_{level}"), where=where, period=Period.parse("2023"))
    found = {}
    for one, other, orders in asker.ask(query, context(scope)).rows:
        assert isinstance(one, Member)
        assert isinstance(other, Member)
        assert isinstance(orders, int)
        found[one.key, other.key] = orders
    return found


def counted(level: str, scope: Scope, where: tuple[Filter, ...] = ()) -> Pairs:
    """The same, one document after the other."""
    documents: dict[str, set[str]] = defaultdict(set)
    for line in oracle.matching(date(2023, 1, 1), date(2024, 1, 1), scope=scope, where=where, documents=FEW_DOCUMENTS):
        member = line.levels[level]
        if line.levels["document_type"] != "credit_note" and member is not None:
            documents[line.levels["document"] or ""].add(member)
    found: Pairs = defaultdict(int)
    for members in documents.values():
        for one in members:
            for other in members - {one}:
                found[one, other] += 1
    return dict(found)


def test_nobody_without_a_role_learns_what_is_bought_together(few_asker: Asker) -> None:
    assert pairs(few_asker, "category", Scope.nothing()) == {}


def test_documents_with_both_are_counted_once_each_way(few_asker: Asker) -> None:
    everything = Scope.everything()
    for level in LEVELS:
        found = pairs(few_asker, level, everything)
        assert found == counted(level, everything)
        assert sum(found.values()) > 20
        assert all(found[other, one] == count for (one, other), count in found.items())


def test_more_members_than_a_number_has_bits_are_counted_alike(
    few_asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [pairs(few_asker, level, Scope.everything()) for level in LEVELS]
    monkeypatch.setattr("queries.pairs.BITS", 0)
    assert [pairs(few_asker, level, Scope.everything()) for level in LEVELS] == few


def documents(asker: Asker) -> list[Frame]:
    """How many documents are sales of each member, and of any, asked in many ways."""
    found = []
    for number in range(QUESTIONS):
        chance = random.Random(f"{SEED} documents {number}")
        scope = random_scope(chance, partial(chance.choice, ("region", "rep", "category", "customer")))
        at = chance.choice(("country", "category", "channel", "segment"))
        where = chance.choice(((), (Filter(at, some(chance, at), chance.random() < 0.3),)))
        period, totals = Period.parse(chance.choice(("2023", "all", "2024-03"))), chance.random() < 0.5
        query = Query(("orders",), (chance.choice(LEVELS),), where=where, period=period, totals=totals)
        found.append(asker.ask(query, context(scope)))
    return found


def test_documents_of_each_member_are_counted_alike_however_many_members_there_are(
    few_asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = documents(few_asker)
    monkeypatch.setattr("queries.pairs.BITS", 0)
    assert documents(few_asker) == few
    assert sum(len(frame.rows) > 1 for frame in few) > 5


@pytest.mark.postgres
def test_both_engines_count_the_same_documents_of_each_member(few_asker: Asker, few_postgres: Asker) -> None:
    assert [frame.rows for frame in documents(few_postgres)] == [frame.rows for frame in documents(few_asker)]


def test_the_documents_of_each_and_of_both_are_read_once(few_asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    each = Query(("orders",), ("subcategory",), period=Period.parse("2023"), totals=True)
    both = Query(("orders",), ("subcategory", "with_subcategory"), period=Period.parse("2023"))
    alone = [few_asker.ask(query, context()) for query in (each, both)]
    read: list[Slice] = []
    really = Reading._selected

    def noted(reading: Reading, asked: Slice) -> list[tuple[Any, ...]]:
        read.append(asked)
        return really(reading, asked)

    monkeypatch.setattr(Reading, "_selected", noted)
    assert few_asker.ask_all([each, both], context()) == alone
    assert [asked.by for asked in read if asked.few] == [("subcategory",)]


def test_what_stands_beside_keeps_to_filters_and_scope_too(few_asker: Asker) -> None:
    met = 0
    for number in range(QUESTIONS):
        chance = random.Random(f"{SEED} pairs {number}")
        scope = random_scope(chance, partial(chance.choice, ("region", "rep", "category", "customer")))
        at, level = chance.choice(("country", "category", "channel", "segment")), chance.choice(LEVELS)
        where = chance.choice(((), (Filter(at, some(chance, at), chance.random() < 0.3),)))
        found = pairs(few_asker, level, scope, where)
        assert found == counted(level, scope, where), (number, level, scope, where)
        met += bool(found)
    assert met > 5


def test_the_most_frequent_pairs_can_be_asked_for_alone(few_asker: Asker) -> None:
    query = Query(
        ("orders",), ("product", "with_product"), period=Period.parse("2023"), order=(("orders", "desc"),), limit=4
    )
    rows = few_asker.ask(query, context()).rows
    assert [row[2] for row in rows] == sorted(counted("product", Scope.everything()).values(), reverse=True)[:4]


@pytest.mark.parametrize(
    "query",
    [
        Query(("orders",), ("with_product",)),
        Query(("orders",), ("category", "with_product")),
        Query(("orders",), ("product", "with_product"), limit=3, others=True),
        Query(("orders",), ("product", "with_product"), versus=("last-year",)),
        Query(("orders",), ("product", "with_product"), totals=True),
        Query(("orders",), ("product", "with_product", "region")),
        Query(("net_sales",), ("product", "with_product")),
    ],
)
def test_pairs_are_asked_with_their_own_level_and_nothing_else(few_asker: Asker, query: Query) -> None:
    with pytest.raises(NotAskable):
        few_asker.ask(query, context())


@pytest.mark.postgres
def test_both_engines_count_the_same_pairs(few_asker: Asker, few_postgres: Asker) -> None:
    for level in LEVELS:
        for scope in (Scope.everything(), Scope.of(region=["east"])):
            assert pairs(few_postgres, level, scope) == pairs(few_asker, level, scope)
