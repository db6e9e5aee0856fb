"""Other programs send their sales in: each row is told what became of it, and nobody changes rows they may not."""

from __future__ import annotations

import io
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.assembly import House, assemble
from app.cli import salient
from app.factory import create_app
from app.intake import FEW
from app.models.ingest import IngestBatch, IngestDay
from app.models.role import Role
from app.services import accounts, tokens
from app.values.scope import Scope
from queries.query import Query
from queries.warehouse.demo.personas import PERSONAS
from queries.warehouse.load import import_detail, imports, within
from queries.warehouse.schema import budget, customer, sales_line
from scheduler.jobs.ingest import publish_all
from tests.queries.warehouse.staging import line, stage
from tests.scheduler.sending import assert_reconciles, row
from tests.services.salient import PASSWORD, workspace

SALES = "/api/v1/ingest/sales"


@dataclass
class Shop:
    """A house with a few real lines of two teams, and people."""

    house: House
    server: Flask
    made: int = 0

    def token(self, who: str, *scopes: str) -> str:
        self.made += 1
        with self.house.database.write() as session:
            viewer = self.house.viewer_named(f"{who}@salient.example")
            now = datetime.now(UTC)
            return tokens.make(session, viewer, name=f"Shop {self.made}", scopes=scopes or ("ingest",), now=now)[1]

    def send(self, token: str, rows: list[dict[str, Any]], path: str = SALES, **headers: str) -> TestResponse:
        return self.ask(token, path, {"rows": rows}, **headers)

    def ask(self, token: str, path: str, body: object = None, method: str = "POST", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Authorization": f"Bearer {token}", **named}
        client = self.server.test_client()
        return (
            client.open(path, method=method, headers=given, json=body)
            if body
            else client.open(path, method=method, headers=given)
        )

    def net(self, document: str) -> list[int]:
        with self.house.engine.snapshot() as snapshot:
            statement = select(sales_line.c.net).where(sales_line.c.document_key == document)
            return [int(net) for (net,) in snapshot.fetch(statement, Scope.everything())]

    def kept(self) -> int:
        with self.house.database.read() as session:
            return session.scalar(select(func.count()).select_from(IngestBatch)) or 0


def opened(home: Path, **given: str) -> Shop:
    house = assemble(workspace(home, secret_key="one key for all the houses of the test", **given))
    return Shop(house, create_app(house))


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Path:
    """Lines of the teams north and south, and the people of the demo."""
    home = tmp_path_factory.mktemp("shop") / "home"
    house = assemble(workspace(home, secret_key="one key for all the houses of the test"))
    lines = [line("N1", team_key="north", customer_key="C1"), line("S1", team_key="south", customer_key="C1")]
    teams = [{"team_key": key, "team": key, "department_key": "d", "department": "D"} for key in ("north", "south")]
    house.engine.publish(stage(home / "begin.duckdb", sales_line=lines, team=teams))
    with house.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
        accounts.change_rights(session, "cli", "tess@salient.example", team_keys=["north"])
    house.close()
    return home


@pytest.fixture
def shop(beginning: Path, tmp_path: Path) -> Iterator[Shop]:
    """One of its own."""
    shutil.copytree(beginning, tmp_path / "home")
    found = opened(tmp_path / "home")
    yield found
    found.house.close()


def sentence(answer: TestResponse) -> str:
    assert answer.mimetype == "application/problem+json", answer.text
    return str((answer.json or {})["detail"])


def test_nobody_without_the_right_sends_anything(shop: Shop) -> None:
    reader = shop.token("ada", "read")
    assert shop.send(reader, [row("A")]).status_code == 403
    for who in ("sam", "fay", "erin"):
        assert shop.send(shop.token(who, "read"), [row("A")]).status_code == 403
    for token in ("", "sal_none", reader[:-1] + "x"):
        assert shop.send(token, [row("A")]).status_code == 401
    assert shop.server.test_client().post(SALES, json={"rows": [row("A")]}).status_code == 401
    assert shop.kept() == 0


def test_a_right_that_is_taken_away_is_gone_at_once(shop: Shop) -> None:
    ada = shop.token("ada")
    assert shop.send(ada, [row("A")]).status_code == 202
    with shop.house.database.write() as session:
        role = session.scalars(select(Role).where(Role.id == "administrator")).one()
        role.permissions = [each for each in role.permissions if each != "ingest"]
    assert shop.send(ada, [row("B")]).status_code == 403


def test_each_row_is_told_what_became_of_it_and_the_counts_add_up(shop: Shop) -> None:
    good, twice = row("A"), row("B")
    bad = row("C", "NaN")
    conflict = row("A", 99)
    answer = shop.send(shop.token("ada"), [good, twice, twice, bad, conflict, row("D", order_date="03/04/2026")])
    assert answer.status_code == 202, answer.text
    told = answer.json
    assert told is not None
    assert [each["result"] for each in told["results"]] == [
        "accepted", "accepted", "duplicate", "quarantined", "quarantined", "quarantined",
    ]  # fmt: skip
    assert (told["rows"], told["accepted"], told["quarantined"], told["duplicates"]) == (6, 2, 3, 1)
    wrong = told["results"][3]
    assert (wrong["line"], wrong["column"], wrong["code"], wrong["raw"]) == (4, "unit_price", "not_an_amount", "NaN")
    assert wrong["reason"].startswith("“NaN” is not an amount")
    assert told["results"][4]["code"] == "same_key"
    assert told["state"] == "waiting"
    publish_all(shop.house)
    assert shop.net("A") == [10]
    assert shop.net("B") == [10]
    again = shop.ask(shop.token("ada"), answer.headers["Location"], method="GET").json
    assert again is not None
    assert again["state"] == "loaded"
    assert again["generation"] == 2
    assert_reconciles(shop.house)


def test_rows_kept_out_are_listed_with_those_of_files(shop: Shop) -> None:
    shop.send(shop.token("ada"), [row("A"), row("B", "x")])
    publish_all(shop.house)
    home = shop.house.settings.home
    (listed,) = imports(home, shop.house.engine)
    assert (listed.mapping, listed.rows_in, listed.loaded, listed.quarantined) == ("api", 2, 1, 1)
    (kept_out,) = import_detail(home, listed.id).quarantined
    assert (kept_out.line, kept_out.column, kept_out.raw) == (2, "unit_price", "x")
    with shop.house.engine.snapshot() as snapshot:
        assert shop.house.quarantined(snapshot.generation) == 1
    frame = shop.house.asker.ask(Query(("kept_quarantine",)), shop.house.local_administrator().context)
    assert [(each[1], each[3]) for each in frame.rows] == [("sales_line", 1)]
    printed = CliRunner(env={"SALIENT_HOME": str(home)}).invoke(salient, ["imports", str(listed.id)])
    assert "2 rows in = 1 loaded + 1 quarantined + 0 duplicates" in printed.output


def test_rows_that_nobody_can_take_are_counted_all_the_same(shop: Shop) -> None:
    told = shop.send(shop.token("ada"), [row("A", "x")]).json
    assert told is not None
    assert told["state"] == "nothing"
    publish_all(shop.house)
    assert [each.quarantined for each in imports(shop.house.settings.home, shop.house.engine)] == [1]


def test_each_batch_says_what_money_was_taken_in_each_currency(shop: Shop) -> None:
    ada = shop.token("ada")
    rows = [row("A", 10), row("B", "5.25", currency="EUR"), row("C", 1, currency="EUR"), row("D", "x"), row("A", 10)]
    sent = shop.send(ada, rows, Idempotency_Key="money")
    told = sent.json
    assert told is not None
    own = shop.house.terms().currency
    found = {each["currency"]: (each["rows"], float(each["amount"])) for each in told["totals"]}
    assert sum(count for count, _ in found.values()) == told["accepted"] == 3
    assert sum(amount for _, amount in found.values()) == 16.25
    assert found["EUR"] == ((2, 6.25) if own != "EUR" else (3, 16.25))
    assert shop.send(ada, rows, Idempotency_Key="money").json == told
    assert (shop.ask(ada, f"/api/v1/ingest/batches/{told['id']}", method="GET").json or {})["totals"] == told["totals"]
    others = shop.send(ada, [{"customer": "C9", "name": "Nine"}], "/api/v1/ingest/customers").json
    assert others is not None
    assert others["totals"] == []
    shop.send(ada, [row("E", 4, currency="EUR")])
    with shop.house.database.read() as session:
        (day,) = session.scalars(select(IngestDay).where(IngestDay.kind == "sales"))
        assert sum(rows for rows, _ in day.totals.values()) == 4
        assert sum(float(amount) for _, amount in day.totals.values()) == 20.25
    publish_all(shop.house)
    home = shop.house.settings.home.resolve()
    (listed,) = imports(home, shop.house.engine)
    totals = [each for each in import_detail(home, listed.id).totals if each.table == "sales_line"]
    assert sum(each.loaded for each in totals) == Decimal("20.25")
    assert all(each.source == each.loaded + each.quarantined + each.duplicates for each in totals)


def test_a_later_batch_takes_the_place_of_an_earlier_one(shop: Shop) -> None:
    ada = shop.token("ada")
    for price in (11, 12, 13):
        shop.send(ada, [row("A", price)])
    publish_all(shop.house)
    assert shop.net("A") == [13]
    shop.send(ada, [row("N1", 5)])
    publish_all(shop.house)
    assert shop.net("N1") == [5]


def teams_leader_sends(shop: Shop) -> str:
    with shop.house.database.write() as session:
        role = session.scalars(select(Role).where(Role.id == "team-lead")).one()
        role.permissions = [*role.permissions, "ingest"]
    return shop.token("tess")


def test_who_sees_a_part_changes_lines_of_that_part_only(shop: Shop) -> None:
    tess = teams_leader_sends(shop)
    rows = [
        row("T1", team="north"),
        row("T2", team="south"),
        row("T3"),
        row("S1", team="north"),
        row("N1", 7, team="north"),
    ]
    told = shop.send(tess, rows).json
    assert told is not None
    assert [each["code"] for each in told["results"]] == [None, "out_of_scope", "out_of_scope", "out_of_scope", None]
    assert len({each["reason"] for each in told["results"]} - {None}) == 1
    publish_all(shop.house)
    assert [shop.net(each) for each in ("T1", "T2", "T3", "S1", "N1")] == [[10], [], [], [100], [7]]
    refused = shop.send(tess, [{"customer": "C1", "name": "Mine"}], "/api/v1/ingest/customers")
    assert refused.status_code == 403
    assert "sales lines" in sentence(refused)


def test_who_sees_a_part_takes_the_place_of_no_foreign_line_that_waits(shop: Shop) -> None:
    tess, ada = teams_leader_sends(shop), shop.token("ada")
    shop.send(ada, [row("W1", team="south"), row("W2", team="north"), row("W3")])
    told = shop.send(tess, [row(each, 7, team="north") for each in ("W1", "W2", "W3", "W4")]).json
    assert told is not None
    assert [each["code"] for each in told["results"]] == ["out_of_scope", None, "out_of_scope", None]
    publish_all(shop.house)
    assert [shop.net(each) for each in ("W1", "W2", "W3", "W4")] == [[10], [7], [10], [7]]


def test_a_foreign_line_that_comes_while_another_is_looked_at_is_no_less_safe(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tess, ada = teams_leader_sends(shop), shop.token("ada")
    judge = within.outside
    came: list[int] = []

    def meanwhile(*given: Any) -> list[int]:
        found = judge(*given)
        if not came:
            rows = [row("W1", team="south")]
            sender = threading.Thread(target=lambda: came.append(shop.send(ada, rows).status_code))
            sender.start()
            sender.join()
        return found

    monkeypatch.setattr(within, "outside", meanwhile)
    told = shop.send(tess, [row("W1", 7, team="north")]).json
    assert told is not None
    assert (came, [each["code"] for each in told["results"]]) == ([202], ["out_of_scope"])
    publish_all(shop.house)
    assert shop.net("W1") == [10]


def test_the_same_request_again_has_one_effect_and_another_one_under_its_key_is_refused(shop: Shop) -> None:
    ada = shop.token("ada")
    first = shop.send(ada, [row("A")], Idempotency_Key="one")
    again = shop.send(ada, [row("A")], Idempotency_Key="one")
    assert (first.status_code, again.status_code, again.data) == (202, 202, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = shop.send(ada, [row("A", 11)], Idempotency_Key="one")
    assert other.status_code == 422
    assert shop.send(ada, [row("A")], "/api/v1/ingest/customers", Idempotency_Key="one").status_code in {400, 422}
    assert shop.send(shop.token("ada"), [row("A", 11)], Idempotency_Key="one").status_code == 202
    assert shop.send(ada, [row("A")], Idempotency_Key="ü").status_code == 400
    assert shop.kept() == 2


def test_a_hundred_retries_at_once_make_one_batch(shop: Shop) -> None:
    ada = shop.token("ada")
    found: list[tuple[int, Any]] = []

    def retry() -> None:
        for _ in range(10):
            answer = shop.send(ada, [row("A")], Idempotency_Key="one")
            found.append((answer.status_code, (answer.json or {}).get("id")))

    threads = [threading.Thread(target=retry) for _ in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(found) == {(202, found[0][1])}
    assert len(found) == 100
    assert shop.kept() == 1


def test_programs_that_send_at_once_are_each_told_of_their_own_rows(shop: Shop) -> None:
    ada = shop.token("ada")
    told: dict[int, Any] = {}

    def send(number: int) -> None:
        rows = [row(f"P{number}", number + 1)] + ([row(f"X{number}", "x")] if number % 3 == 0 else [])
        told[number] = shop.send(ada, rows).json

    threads = [threading.Thread(target=send, args=(number,)) for number in range(24)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for number, answer in told.items():
        assert [each["result"] for each in answer["results"]] == ["accepted", "quarantined"][: answer["rows"]]
        assert answer["rows"] == 2 - bool(number % 3)
    publish_all(shop.house)
    assert [shop.net(f"P{number}") for number in range(24)] == [[number + 1] for number in range(24)]
    assert_reconciles(shop.house)


def test_of_many_large_batches_at_once_some_are_asked_to_come_later_and_none_is_lost(shop: Shop) -> None:
    ada, told = shop.token("ada"), list[tuple[int, int]]()

    def send(number: int) -> None:
        answer = shop.send(ada, [row(f"L{number}-{each}") for each in range(FEW + 1)])
        told.append((number, answer.status_code))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {status for _, status in told} == {202, 429}
    publish_all(shop.house)
    for number, status in told:
        assert shop.net(f"L{number}-{FEW}") == ([10] if status == 202 else [])
    assert_reconciles(shop.house)


def test_a_batch_of_somebody_else_is_not_there(shop: Shop) -> None:
    place = shop.send(shop.token("ada"), [row("A")]).headers["Location"]
    with shop.house.database.write() as session:
        role = session.scalars(select(Role).where(Role.id == "director")).one()
        role.permissions = [*role.permissions, "ingest"]
    dirk = shop.token("dirk")
    theirs = shop.ask(dirk, place, method="GET")
    none = shop.ask(dirk, "/api/v1/ingest/batches/999999", method="GET")
    assert theirs.status_code == none.status_code == 404
    assert sentence(theirs) == sentence(none)
    assert shop.ask(dirk, "/api/v1/ingest/batches/-1", method="GET").status_code == 404
    assert shop.ask(dirk, "/api/v1/ingest/batches/²", method="GET").status_code == 404
    assert shop.ask(shop.token("ada"), place, method="GET").status_code == 200


def test_a_token_of_another_workspace_opens_nothing(shop: Shop, beginning: Path, tmp_path: Path) -> None:
    shutil.copytree(beginning, tmp_path / "other")
    other = opened(tmp_path / "other")
    assert shop.send(other.token("ada"), [row("A")]).status_code == 401
    other.house.close()


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([], 422),
        ([{}], 400),
        ([row("A", load_id="1")], 400),
        ([{"document_number": "A"}], 400),
        ([row("A", **{f"column_{number}": "x" for number in range(501)})], 413),
        ([row("A", chain="x" * 33_000)], 413),
        ([row("A") | {"unit_price": 123456789012.25}], 400),
        ([row("A") | {"unit_price": [1]}], 422),
        ([row("A") | {"Unit_Price": "1"}], 400),
        ("no rows", 422),
    ],
)
def test_what_is_no_batch_is_refused_whole_with_a_sentence(shop: Shop, rows: Any, status: int) -> None:
    answer = shop.ask(shop.token("ada"), SALES, {"rows": rows})
    assert answer.status_code == status, answer.text
    assert sentence(answer)
    assert shop.kept() == 0


@pytest.mark.parametrize(
    "body",
    [
        '{"rows": [{"document_number": "A", "unit_price": NaN}]}',
        '{"rows": [{"document_number": "A", "document_number": "B"}]}',
        '{"rows": [{"document_number": "\\u0000"}]}',
        '{"rows": ' + "[" * 40 + "]" * 40 + "}",
        '{"rows": [',
    ],
)
def test_doubtful_json_is_refused(shop: Shop, body: str) -> None:
    head = {"Authorization": f"Bearer {shop.token('ada')}", "Content-Type": "application/json"}
    answer = shop.server.test_client().post(SALES, data=body, headers=head)
    assert answer.status_code == 400, answer.text
    assert shop.kept() == 0


def test_a_gigantic_body_is_refused_before_it_is_read(shop: Shop) -> None:
    head = {"Authorization": f"Bearer {shop.token('ada')}", "Content-Type": "application/json"}
    answer = shop.server.test_client().post(SALES, data=b" " * 16_000_001, headers=head)
    assert answer.status_code == 413
    answer = shop.server.test_client().post(
        f"{SALES}/file", data=b"x" * 50_000_001, headers=head | {"Content-Type": "text/csv"}
    )
    assert answer.status_code == 413
    assert shop.kept() == 0


def test_a_formula_in_a_name_is_a_name(shop: Shop) -> None:
    ada = shop.token("ada")
    shop.send(ada, [{"customer": "C1", "name": "=cmd|' /C calc'!A0", "vip": True}], "/api/v1/ingest/customers")
    shop.send(ada, [row("A")])
    publish_all(shop.house)
    with shop.house.engine.snapshot() as snapshot:
        statement = select(customer.c.customer, customer.c.custom).where(customer.c.customer_key == "C1")
        assert snapshot.fetch(statement, Scope.everything()) == [("=cmd|' /C calc'!A0", '{"vip":"true"}')]


@pytest.mark.parametrize("name", ["", " ", "_row", "_Row"])
def test_a_customer_has_no_column_that_has_no_name_or_is_ours(shop: Shop, name: str) -> None:
    rows = [{"customer": f"C{number}", "name": "N", name: "1"} for number in range(30)]
    for some in (rows[:1], rows):
        answer = shop.send(shop.token("ada"), some, "/api/v1/ingest/customers")
        assert (answer.status_code, "no column" in sentence(answer)) == (400, True)
    assert shop.kept() == 0


def test_a_price_with_a_digit_too_many_is_kept_out_and_holds_up_nobody(shop: Shop) -> None:
    ada = shop.token("ada")
    told = shop.send(ada, [row("A", "99999999999999", quantity="2"), row("B", "20000000000"), row("C")])
    assert told.status_code == 202, told.text
    fates = [(each["result"], each["code"]) for each in told.json["results"]]  # type: ignore[index]
    assert fates == [("quarantined", "missing"), ("accepted", None), ("accepted", None)]
    assert publish_all(shop.house) == 1
    assert (shop.net("A"), shop.net("B"), shop.net("C")) == ([], [20_000_000_000], [10])


def test_a_plan_beyond_all_measure_holds_up_no_sales(shop: Shop) -> None:
    ada = shop.token("ada")
    plan = [{"period": "2026", "team": "north", "amount": "99999999999999.9999"}]
    assert shop.send(ada, plan, "/api/v1/ingest/budget").status_code == 202
    assert shop.send(ada, [row("A")]).status_code == 202
    publish_all(shop.house)
    assert shop.net("A") == [10]


def test_plans_are_brought_to_months_as_from_files(shop: Shop) -> None:
    told = shop.send(
        shop.token("ada"), [{"period": "2026-Q1", "team": "north", "amount": "100"}], "/api/v1/ingest/budget"
    )
    assert told.status_code == 202, told.text
    publish_all(shop.house)
    with shop.house.engine.snapshot() as snapshot:
        rows = snapshot.fetch(select(budget.c.amount, budget.c.department_key), Scope.everything())
    assert sorted((str(amount), key) for amount, key in rows) == [
        ("33.3300", "d"), ("33.3300", "d"), ("33.3400", "d"),
    ]  # fmt: skip


def test_files_are_taken_too_and_told_by_their_lines(shop: Shop) -> None:
    ada = shop.token("ada")
    names = list(row("A"))
    cells = [",".join(row(each, price).values()) for each, price in (("F1", 5), ("F2", "x"))]
    table = pa.table({name: [row("F3", 6)[name], row("F4", "y")[name]] for name in names})
    arrow, parquet = io.BytesIO(), io.BytesIO()
    with pa.ipc.new_stream(arrow, table.schema) as writer:
        writer.write_table(table)
    pq.write_table(table, parquet)
    files = (
        ("text/csv", "\n".join([",".join(names), *cells]).encode(), 3),
        ("application/vnd.apache.arrow.stream", arrow.getvalue(), 2),
        ("application/vnd.apache.parquet", parquet.getvalue(), 2),
    )
    for kind, body, at in files:
        head = {"Authorization": f"Bearer {ada}", "Content-Type": kind}
        told = shop.server.test_client().post(f"{SALES}/file", data=body, headers=head)
        assert told.status_code == 202, told.text
        assert [(each["line"], each["code"]) for each in told.json["results"]] == [(at, "not_an_amount")]  # type: ignore[index]
        broken = shop.server.test_client().post(f"{SALES}/file", data=b"PAR1" + body[9:-3], headers=head)
        assert broken.status_code == 400, (kind, broken.text)
    publish_all(shop.house)
    assert (shop.net("F1"), shop.net("F2"), shop.net("F3")) == ([5], [], [6])


def test_the_demo_goes_only_if_the_program_says_so(shop: Shop, tmp_path: Path) -> None:
    house = shop.house
    house.engine.publish(stage(tmp_path / "demo.duckdb", sales_line=[line("DEMO")]), mode="replace", is_demo=True)
    ada = shop.token("ada")
    refused = shop.send(ada, [row("A")])
    assert refused.status_code == 409
    assert "replace_demo" in sentence(refused)
    assert shop.ask(ada, SALES, {"rows": [row("A")], "replace_demo": True}).status_code == 202
    # Members alone begin no warehouse: they wait for the first line.
    publish_all(house)
    with house.engine.snapshot() as snapshot:
        assert not snapshot.generation.is_demo
    assert (shop.net("DEMO"), shop.net("A")) == ([], [10])


def test_members_wait_for_the_first_line_of_an_empty_warehouse(tmp_path: Path) -> None:
    empty = opened(tmp_path / "empty")
    with empty.house.database.write() as session:
        accounts.seed_personas(session, PERSONAS, PASSWORD)
    ada = empty.token("ada")
    place = empty.send(ada, [{"customer": "C1", "name": "First"}], "/api/v1/ingest/customers").headers["Location"]
    publish_all(empty.house)
    assert json.loads(empty.ask(ada, place, method="GET").data)["state"] == "waiting"
    empty.send(ada, [row("A")])
    publish_all(empty.house)
    assert json.loads(empty.ask(ada, place, method="GET").data)["state"] == "loaded"
    assert empty.net("A") == [10]
    empty.house.close()
