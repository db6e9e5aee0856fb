"""The second fence: a statement that forgot its WHERE still shows a PostgreSQL reader no row beyond the scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Select, func, select

from app.values.calendar import Calendar
from app.values.errors import Conflict, TooBig
from app.values.period import Period
from app.values.scope import Scope
from queries.asking import Asker
from queries.listing import lines, whole
from queries.query import Query
from queries.sources import Source
from queries.warehouse import schema
from queries.warehouse.engines import open_engine
from queries.warehouse.engines.engine import Engine
from queries.warehouse.rollups import Rollup, rollup_table
from queries.warehouse.schema import BASIS_DATES, PLAN_LEVELS
from tests.conftest import SOAK
from tests.queries.company import KNOWN, company, context, warehouse_of
from tests.queries.oracle import sold, visible
from tests.queries.warehouse.conftest import new_database
from tests.queries.warehouse.staging import line, stage

pytestmark = pytest.mark.postgres
MANY = settings(
    max_examples=1_000 if SOAK else 60, deadline=None, derandomize=not SOAK, suppress_health_check=list(HealthCheck)
)
EVERYTHING, NOTHING = Scope.everything(), Scope.nothing()
RITA = Scope.of(rep={"R1"}) | Scope.of(account_owner={"R1"})
FENCED = (
    schema.sales_line,
    schema.budget,
    schema.quota,
    *(rollup_table(rollup, basis) for rollup in KNOWN.rollups for basis in BASIS_DATES),
)


LEVELS = tuple(sorted(level for level in sold()[0].levels if level != "line"))
KEYS = {level: sorted({str(each.levels[level]) for each in sold() if each.levels[level]}) for level in LEVELS}


def clauses(levels: list[str]) -> st.SearchStrategy[Scope]:
    """Some members of each level, and one that nobody is."""
    chosen = {level: st.sets(st.sampled_from([*KEYS[level], "nobody"]), min_size=1) for level in levels}
    return st.fixed_dictionaries(chosen).map(lambda members: Scope.of(**members))


scopes = st.lists(
    st.lists(st.sampled_from(LEVELS), max_size=2, unique=True).flatmap(clauses), min_size=0, max_size=3
).map(lambda found: Scope(frozenset(clause for each in found for clause in each.clauses)))


@pytest.fixture(scope="module")
def url(postgres_url: str) -> str:
    """A database of these tests' own."""
    return new_database(postgres_url)


@pytest.fixture(scope="module")
def fenced(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The company in PostgreSQL, behind the fence."""
    with warehouse_of(company(), tmp_path_factory.mktemp("fenced"), url) as engine:
        yield engine


def shown(engine: Engine, statement: Select[Any], scope: Scope) -> list[Any]:
    """The first column of a hand-written select."""
    with engine.snapshot() as snapshot:
        return [row[0] for row in snapshot.fetch(statement, scope)]


@MANY
@given(scope=scopes, other=scopes)
def test_a_statement_without_any_condition_shows_the_lines_of_the_scope(
    fenced: Engine, scope: Scope, other: Scope
) -> None:
    for asked in (scope, scope | other, scope & other):
        expected = {each.levels["line"] for each in sold() if visible(each, asked)}
        assert set(shown(fenced, select(schema.sales_line.c.line_key), asked)) == expected


@MANY
@given(scope=scopes, basis=st.sampled_from(tuple(BASIS_DATES)))
def test_a_rollup_shows_the_sums_of_the_scope_or_nothing(fenced: Engine, scope: Scope, basis: str) -> None:
    for rollup in KNOWN.rollups:
        held = Source("sales_line", basis, rollup)
        clauses = frozenset(clause for clause in scope.clauses if all(held.has(level) for level, _ in clause))
        rows = [each for each in sold() if visible(each, Scope(clauses)) and each.raw[BASIS_DATES[basis]]]
        table = held.table
        summed = shown(fenced, select(func.sum(table.c.lines)).where(table.c.reporting == "EUR"), scope)
        assert summed == [len(rows) or None]


@MANY
@given(scope=scopes)
def test_plans_show_the_rows_of_the_scope(fenced: Engine, scope: Scope) -> None:
    for name in ("budget", "quota"):
        with fenced.snapshot() as snapshot:
            table = schema.warehouse.tables[name]
            keys: list[Column[str]] = [table.c[f"{level}_key"] for level in PLAN_LEVELS]
            rows = {row[0]: row[1:] for row in snapshot.fetch(select(table.c.plan_key, *keys), EVERYTHING)}
        levels = {key: dict(zip(PLAN_LEVELS, values, strict=True)) for key, values in rows.items()}
        expected = {
            key
            for key, of in levels.items()
            if any(all(of.get(level) in members for level, members in clause) for clause in scope.clauses)
        }
        assert set(shown(fenced, select(schema.warehouse.tables[name].c.plan_key), scope)) == expected


def test_otto_sees_no_row_of_any_fact(fenced: Engine) -> None:
    for table in FENCED:
        assert shown(fenced, select(func.count()).select_from(table), EVERYTHING) != [0], table.name
        assert shown(fenced, select(func.count()).select_from(table), NOTHING) == [0], table.name


def test_an_account_manager_is_shown_only_the_customers_she_owns(fenced: Engine) -> None:
    owned = {row["customer_key"] for row in company().tables["customer"] if row.get("owner_rep_key") == "R1"}
    assert owned
    assert set(shown(fenced, select(schema.customer.c.customer_key), Scope.of(account_owner={"R1"}))) == owned
    assert shown(fenced, select(schema.customer.c.customer_key), NOTHING) == []


def test_contact_data_are_empty_to_whoever_is_not_said_to_see_them(fenced: Engine) -> None:
    contacts = select(schema.customer.c.email, schema.customer.c.phone).where(schema.customer.c.customer_key == "C1")
    known = next(row for row in company().tables["customer"] if row["customer_key"] == "C1")
    assert known["email"]
    with fenced.snapshot() as snapshot:
        for masks, expected in (
            (frozenset({"contact"}), (None, None)),
            (frozenset({"cost"}), (known["email"], known.get("phone"))),
            (frozenset(), (known["email"], known.get("phone"))),
            (frozenset({"cost", "contact"}), (None, None)),
        ):
            for _ in range(8):  # prepared statements do not remember what an earlier reader saw
                assert snapshot.fetch(contacts, EVERYTHING, masks=masks) == [expected]
        assert snapshot.fetch(contacts, EVERYTHING) == [(None, None)], "nobody said so"
        searched = select(func.count()).select_from(schema.customer).where(schema.customer.c.email == known["email"])
        assert snapshot.fetch(searched, EVERYTHING) == [(0,)], "nor can they be guessed by searching"


def test_whoever_may_see_contact_data_sees_them_beside_the_lines_in_every_way_of_reading(fenced: Engine) -> None:
    known = {row["customer_key"]: row.get("email") for row in company().tables["customer"]}
    expected = Counter(known.get(each.levels["customer"] or "") for each in sold())
    sales = Period.parse("all"), "booked", context()
    with fenced.snapshot() as snapshot:
        page = lines((), *sales, snapshot, columns=("email",))
        in_pieces = whole((), *sales, snapshot, columns=("email",))
        in_order = whole((), *sales, snapshot, columns=("email",), order=(("net", "desc"),))
        told = [Counter(row[0] for piece in each.pieces for row in piece) for each in (in_pieces, in_order)]
        assert told == [expected, expected]
        assert {row[0] for row in page.rows} & {email for email in known.values() if email}


def test_loading_more_keeps_the_contact_data_that_readers_do_not_see(postgres_url: str, tmp_path: Path) -> None:
    engine = open_engine(new_database(postgres_url), tmp_path, (), Calendar(), "EUR", ("EUR",))
    ada = {"customer_key": "C1", "customer": "Ada", "email": "ada@customers.example", "phone": "+49 1"}
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1", customer_key="C1")], customer=[ada]))
    engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D2", customer_key="C2")]))
    engine.compact()
    contacts = select(schema.customer.c.customer_key, schema.customer.c.email, schema.customer.c.phone)
    with engine.snapshot() as snapshot:
        rows = snapshot.fetch(contacts.order_by(schema.customer.c.customer_key), EVERYTHING, masks=frozenset())
    assert rows == [("C1", ada["email"], ada["phone"]), ("C2", None, None)]
    engine.close()


def test_a_reader_does_not_switch_the_fence_off(fenced: Engine, url: str) -> None:
    with psycopg.connect(url) as connection:
        for forbidden in ("select count(*) from salient_rows.sales_line", "select count(*) from salient_now.customer"):
            connection.execute(
                "select set_config('role', 'salient_reader', true), set_config('salient.generation', '1', true),"
                " set_config('row_security', 'off', true)"
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
            connection.rollback()


def test_a_reader_whose_transaction_names_no_scope_sees_nothing_and_writes_nothing(fenced: Engine, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "select set_config('role', 'salient_reader', true), set_config('salient.generation', '1', true)"
        )
        for table in FENCED:
            for place in ("salient_now", "salient_rows"):
                assert connection.execute(f"select count(*) from {place}.{table.name}").fetchone() == (0,)
        for forbidden in (
            "delete from salient_rows.sales_line",
            "update salient_rows.pointer set current = 1",
            "insert into salient_rows.layout values ('')",
            "alter table salient_rows.sales_line disable row level security",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(forbidden)


def test_one_reader_after_the_other_sees_their_own_rows_on_the_same_connection(fenced: Engine) -> None:
    count = select(func.count()).select_from(schema.sales_line)
    whole = len(sold())
    own = sum(visible(each, RITA) for each in sold())
    assert 0 < own < whole
    for _ in range(8):  # the driver prepares a statement it has met often enough
        for scope, expected in ((EVERYTHING, whole), (RITA, own), (NOTHING, 0)):
            assert shown(fenced, count, scope) == [expected]


def test_more_clauses_than_there_are_bits_are_refused(fenced: Engine) -> None:
    many = Scope(frozenset(clause for i in range(70) for clause in Scope.of(customer={f"C{i}"}).clauses))
    with pytest.raises(TooBig):
        shown(fenced, select(schema.sales_line.c.line_key), many)


def test_a_login_that_may_make_no_role_reads_on_and_is_told(fenced: Engine, postgres_url: str, tmp_path: Path) -> None:
    assert fenced.weakness() is None, "somebody else has made the role on this server"
    url = new_database(postgres_url)
    name = f"plain_{url.rsplit('_', 1)[1][:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"create role {name} login")
        server.execute(f"alter database {url.rsplit('/', 1)[1]} owner to {name}")
        engine = open_engine(url.replace("salient@", f"{name}@"), tmp_path, KNOWN.rollups, Calendar(), "EUR", ("EUR",))
        engine.publish(stage(tmp_path / "s.duckdb", sales_line=[line("D1"), line("D2")]))
        assert "grant salient_reader" in (engine.weakness() or "")
        assert Asker(engine, KNOWN).ask(Query(("lines",), period=Period.parse("all")), context()).rows == ((2,),)
        server.execute(f"grant salient_reader to {name}")
    assert "next import" in (engine.weakness() or "")
    engine.compact()
    assert engine.weakness() is None
    assert shown(engine, select(schema.sales_line.c.line_key), NOTHING) == []
    engine.close()


def test_a_warehouse_without_a_rollup_of_this_release_says_what_to_do(fenced: Engine) -> None:
    later = rollup_table(Rollup("of_tomorrow", "month", ("region",)), "booked")
    with pytest.raises(Conflict, match="salient warehouse compact"):
        shown(fenced, select(later.c.lines), EVERYTHING)


def test_the_fence_stands(fenced: Engine) -> None:
    assert fenced.weakness() is None
