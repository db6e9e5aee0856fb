"""Questions and dashboards for programs: the figures of the pages, to the cent, inside the rows of whoever asks."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from app.assembly import House
from app.cli import asking
from app.factory import create_app
from app.services import tokens
from tests.api.conftest import As, Holder, Tokens
from tests.queries.warehouse.staging import stage
from tests.sweep.company import COLLEAGUES, COST_HIDDEN, DEALS, WORD, open_house, tables, words_of

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"metrics": ["net_sales", "orders"]},
    {"metrics": ["net_sales", "margin_rate"], "by": ["region", "month"], "period": "2026"},
    {"metrics": ["net_sales"], "by": ["customer"], "limit": 2, "versus": ["last-year"], "period": "2026-Q1"},
    {"metrics": ["net_sales", "budget"], "by": ["market"], "basis": "paid"},
)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("name", ["ada", "remy", "tess"])
def test_an_answer_is_that_of_the_command_line_to_the_cent(
    program: As, house: House, monkeypatch: pytest.MonkeyPatch, question: dict[str, Any], name: str
) -> None:
    monkeypatch.setattr(asking, "assemble", lambda _settings: house)
    arguments = [",".join(question["metrics"]), "--format", "json", "--as", COLLEAGUES[name].email]
    for option in ("by", "versus"):
        arguments += [f"--{option}", ",".join(question.get(option, []))]
    for option in ("period", "basis", "limit"):
        arguments += [f"--{option}", str(question[option])] if option in question else []
    told = json.loads(CliRunner().invoke(asking.ask, arguments, catch_exceptions=False).stdout)
    came = program(name).send("POST", "/query", question).get_json()
    assert came["rows"] == told["rows"]
    assert told["totals"] is None or told["totals"].items() <= came["totals"].items()
    assert (came["currency"], came["provenance"]["generation"]) == (told["currency"], told["generation"])
    again = program(name).send("POST", "/query", question).get_json()
    assert again == came


def test_a_spreadsheet_fetches_a_plain_table_with_a_token(token: Tokens) -> None:
    path = "/query?metrics=net_sales,orders&by=region&order=-net_sales&format=csv"
    came = token("dirk", "read").get(path)
    assert (came.status_code, came.mimetype) == (200, "text/csv")
    rows = list(csv.DictReader(io.StringIO(came.text)))
    assert set(rows[0]) == {"region_key", "region", "net_sales", "orders", "currency"}
    figures = [float(row["net_sales"]) for row in rows]
    assert figures == sorted(figures, reverse=True)
    assert came.headers["Salient-Generation"].isdigit()


def test_a_program_computes_on_typed_columns(token: Tokens) -> None:
    asked = {"metrics": ["net_sales", "orders", "margin_rate"], "by": ["region"]}
    as_arrow = {"Accept": "application/vnd.apache.arrow.stream"}
    came = token("dirk", "read").send("POST", "/query", asked, headers=as_arrow)
    table = pa.ipc.open_stream(came.data).read_all()
    rows = token("dirk", "read").send("POST", "/query", asked).get_json()["rows"]
    assert [str(each) for each in table["net_sales"].to_pylist()] == [row["net_sales"] for row in rows]
    assert pa.types.is_decimal(table.schema.field("net_sales").type)
    assert json.loads(table.schema.metadata[b"salient"])["provenance"]["generation"]


@pytest.mark.parametrize("path", ["/query?metrics=net_sales", "/catalogue", "/members/region", "/dashboards"])
def test_otto_is_told_nothing(program: As, path: str) -> None:
    came = program("otto").get(path)
    assert came.status_code == 403
    assert not WORD.search(came.text)


@pytest.mark.parametrize("name", sorted({"mia", "sam", "amy"} & COST_HIDDEN))
def test_cost_is_refused_to_those_it_is_hidden_from(program: As, name: str) -> None:
    for metric in ("cost", "margin", "margin_rate"):
        came = program(name).get(f"/query?metrics={metric}")
        assert came.status_code in (403, 422), came.text
    known = program(name).get("/catalogue").get_json()
    assert not {"cost", "margin", "margin_rate"} & {metric["id"] for metric in known["metrics"]}
    assert {"cost", "margin"} <= {metric["id"] for metric in program("ada").get("/catalogue").get_json()["metrics"]}


@pytest.mark.parametrize("name", ["remy", "tess", "sam", "amy"])
def test_everybody_reads_of_the_own_rows_only(program: As, name: str) -> None:
    own = words_of(COLLEAGUES[name].deals)
    for path in ("/query?metrics=net_sales&by=customer,rep", "/members/customer?limit=200", "/dashboards/overview"):
        came = program(name).get(path)
        assert came.status_code == 200, came.text
        assert set(WORD.findall(came.text)) <= own, path


def test_a_foreign_member_looks_like_one_that_does_not_exist(program: As) -> None:
    customers = program("ada").get("/members/customer?limit=200").get_json()["items"]
    own = {each["key"] for each in program("sam").get("/members/customer?limit=200").get_json()["items"]}
    foreign = next(each["key"] for each in customers if each["key"] not in own)
    told = [
        program("sam").get(f"/query?metrics=net_sales&where=customer={key}").get_json() for key in (foreign, "zz-none")
    ]
    assert [each["status"] for each in told] == [404, 404]
    # What is nearest is looked for among the own members.
    said = [each["detail"].partition(" The nearest is")[0] for each in told]
    assert said[0].replace(foreign, "zz-none") == said[1]


def test_single_rows_take_the_scope_for_rows(token: Tokens) -> None:
    for path in ("/query?metrics=net_sales&by=document", "/members/document"):
        assert token("dirk", "read").get(path).status_code == 403
        assert token("dirk", "read", "rows").get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/query",
        "/query?metrics=",
        "/query?metrics=net_sales&limit=0",
        "/query?metrics=net_sales&limit=10001",
        "/query?metrics=net_sales&limit=1e3",
        "/query?metrics=net_sales&basis=never",
        "/query?metrics=net_sale",
        "/query?metrics=net_sales&by=regions",
        "/query?metrics=net_sales&period=yesterdayish",
        "/query?metrics=net_sales&currency=XXX",
        "/query?metrics=net_sales&order=nothing",
        "/query?metrics=net_sales&versus=budget,previous,last-year",
        "/query?metrics=net_sales&where=region",
        "/query?metrics=net_sales&where=" + ";".join(["region=a"] * 30),
        "/query?metrics=net_sales&by=" + ",".join(["region"] * 30),
        "/query?metrics=net_sales&metrics=orders",
        "/query?metrics=net_sales%00",
        "/query?metrics=net_sales&unknown=1",
        "/members/nothing",
        "/members/region?limit=500",
        "/dashboards/overview?periods=2026",
        "/dashboards/nothing",
        "/dashboards/overview/panels/nothing",
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(program: As, path: str) -> None:
    came = program("dirk").get(path)
    assert came.status_code in (400, 404, 413, 422), came.text
    assert came.get_json()["detail"].endswith(".")


def test_a_dashboard_is_told_as_it_stands_on_the_page(program: As) -> None:
    boards = program("tess").get("/dashboards").get_json()["items"]
    known = {board["id"]: {panel["id"] for panel in board["panels"]} for board in boards}
    told = program("tess").get("/dashboards/overview?period=2026").get_json()
    assert {panel["id"] for panel in told["panels"]} == known["overview"]
    one = told["panels"][0]["id"]
    alone = program("tess").get(f"/dashboards/overview/panels/{one}?period=2026").get_json()["panels"][0]
    assert alone["rows"] == told["panels"][0]["rows"]
    as_csv = program("tess").get(f"/dashboards/overview/panels/{one}?period=2026", headers={"Accept": "text/csv"})
    assert as_csv.mimetype == "text/csv"


def test_after_data_are_taken_back_nobody_is_told_an_answer_of_them(
    tmp_path: Path, cheap_hashing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(tmp_path / "home", tables())
    with house.database.write() as session:
        owner = house.viewer_named(COLLEAGUES["ada"].email)
        asks = Holder(create_app(house), tokens.make(session, owner, name="Mine", scopes=("read",))[1])
    question = {"metrics": ["lines"]}
    with house.engine.snapshot() as snapshot:
        first = snapshot.generation.number
    ask = house.asker.ask

    def meanwhile(*asked: Any) -> Any:
        monkeypatch.setattr(house.asker, "ask", ask)
        fewer = stage(tmp_path / "fewer.duckdb", **tables(DEALS[:1]))
        house.engine.publish(fewer, note="other data", source="tests", mode="replace")
        return ask(*asked)

    monkeypatch.setattr(house.asker, "ask", meanwhile)
    other = asks.send("POST", "/query", question).get_json()
    assert other["provenance"]["generation"] > first
    house.engine.rollback(first)
    came = asks.send("POST", "/query", question).get_json()
    assert came["provenance"]["generation"] == first
    assert came["rows"] != other["rows"]
    house.close()
