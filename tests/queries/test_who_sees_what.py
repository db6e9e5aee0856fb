"""Scope and masks: Otto first, then everybody else."""

from __future__ import annotations

import pytest

from app.values.errors import Forbidden, NotAskable, NotFound
from app.values.period import Period
from app.values.scope import Scope
from app.values.selection import Filter
from queries.asking import Asker
from queries.cache import Cache, MemoryBackend
from queries.query import Query
from tests.queries.company import KNOWN, context
from tests.queries.oracle import sold, visible

ALL = Period.parse("all")
OTTO = context(Scope.nothing())
EVERYONE = context()


@pytest.mark.parametrize("by", [(), ("region",), ("month",), ("customer", "month"), ("document",)])
def test_otto_sees_nothing_however_he_asks(asker: Asker, by: tuple[str, ...]) -> None:
    for metrics in (("net_sales",), ("customers", "orders"), ("budget",), ("quota_attainment", "net_sales")):
        if {"document", "customer"} & set(by) and metrics == ("budget",):
            continue
        query = Query(metrics, by, period=ALL, versus=("budget", "last-year"), totals=True, limit=1, others=True)
        frame = asker.ask(query, OTTO)
        assert frame.rows == ()
        assert frame.totals is None
        assert frame.others is None
        assert frame.provenance.rows_left_out == {}


def test_otto_finds_no_member_no_line_and_no_name(asker: Asker) -> None:
    for level in KNOWN.levels.values():
        if level.listed:
            assert asker.members(level.id, OTTO) == []
    listing = asker.rows((), ALL, "booked", OTTO)
    assert (listing.rows, listing.total) == ((), 0)
    with pytest.raises(NotFound):
        asker.member_named("region", "Nord", OTTO)


def test_otto_never_gets_an_answer_that_was_cached_for_somebody_else(asker: Asker) -> None:
    cached = Asker(asker.engine, KNOWN, Cache(MemoryBackend(), b"secret"))
    query = Query(("net_sales",), ("region",), period=ALL)
    assert cached.ask(query, EVERYONE).rows
    assert cached.ask(query, OTTO).rows == ()
    assert cached.ask(query, EVERYONE).rows


def test_every_statement_for_otto_says_where_false(asker: Asker) -> None:
    query = Query(("net_sales", "budget"), ("region",), period=ALL, versus=("last-year",))
    for leg in asker.explain(query, OTTO).legs:
        assert "false" in leg.sql.lower()


def test_a_rep_sees_only_her_own_lines(asker: Asker) -> None:
    rep = context(Scope.of(rep={"R1"}))
    listing = asker.rows((), ALL, "booked", rep, limit=5_000)
    position = [column.id for column in listing.columns].index("rep")
    assert listing.rows
    assert {row[position].key for row in listing.rows} == {"R1"}
    assert [member.key for member in asker.members("rep", rep)] == ["R1"]


def test_an_account_manager_sees_accounts_owned_today_and_own_sales(asker: Asker) -> None:
    scope = Scope.of(account_owner={"R2"}) | Scope.of(rep={"R2"})
    expected = sum(visible(line, scope) for line in sold())
    frame = asker.ask(Query(("lines",), period=ALL), context(scope))
    assert frame.rows == ((expected,),)


def test_rows_without_a_region_are_hidden_from_those_whose_scope_restricts_it(asker: Asker) -> None:
    scope = Scope.of(region={"nord", "sued", "west", "east", "south", "kanto"})
    frame = asker.ask(Query(("lines",), ("region",), period=ALL), context(scope))
    assert "(none)" not in {row[0].key for row in frame.rows}


def test_a_scope_on_a_level_nobody_knows_hides_everything(asker: Asker) -> None:
    frame = asker.ask(Query(("lines",), period=ALL), context(Scope.of(galaxy={"milky-way"})))
    assert frame.rows == ((0,),)


def test_cost_and_margin_are_refused_to_those_who_may_not_read_them(asker: Asker) -> None:
    masked = context(masks=frozenset({"cost"}))
    for metric in ("cost", "margin", "margin_rate"):
        with pytest.raises(Forbidden):
            asker.ask(Query((metric,), period=ALL), masked)
        with pytest.raises(Forbidden):
            asker.ask(Query(("net_sales",), ("region",), period=ALL, order=((metric, "desc"),)), masked)
        with pytest.raises(Forbidden):
            asker.ask(Query(("net_sales",), ("region",), order=((f"{metric}@last-year:delta", "desc"),)), masked)
    shown = {column.id for column in asker.rows((), ALL, "booked", masked).columns}
    assert shown.isdisjoint({"cost", "margin"})
    with pytest.raises(Forbidden):
        asker.rows((), ALL, "booked", masked, order=(("margin", "desc"),))


def test_contact_data_is_not_even_read_for_those_who_may_not_see_it(asker: Asker) -> None:
    masked = context(masks=frozenset({"contact"}))
    listing = asker.rows((), ALL, "booked", masked)
    assert {column.id for column in listing.columns}.isdisjoint({"email", "phone"})
    assert "customers.example" not in repr(listing.rows)
    assert "customers.example" in repr(asker.rows((), ALL, "booked", EVERYONE).rows)


def test_nobody_may_ask_by_account_owner(asker: Asker) -> None:
    with pytest.raises(NotAskable):
        asker.ask(Query(("net_sales",), ("account_owner",), period=ALL), EVERYONE)


def test_pickers_follow_scope_search_and_the_other_filters(asker: Asker) -> None:
    nord = context(Scope.of(region={"nord"}))
    assert [m.key for m in asker.members("region", nord)] == ["nord"]
    assert asker.members("region", nord, search="sue") == []
    in_east = asker.members("customer", EVERYONE, where=(Filter("region", ("east",)),), limit=100)
    assert {m.key for m in in_east} - {"(none)"} == {
        line.levels["customer"] for line in sold() if line.levels["region"] == "east" and line.levels["customer"]
    }
    assert asker.members("customer", EVERYONE, search="%") == []
    assert asker.members("customer", EVERYONE, search="_") == []
    assert len(asker.members("customer", EVERYONE, limit=3)) == 3
    assert asker.member_named("region", "NORD", EVERYONE).key == "nord"
    assert asker.member_named("customer", "customer 7", EVERYONE).key == "C7"
    assert asker.member_named("document_type", "Credit note", EVERYONE).key == "credit_note"
    with pytest.raises(NotFound):
        asker.member_named("region", "Sued", nord)
