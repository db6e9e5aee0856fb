"""JSON files: typed, whole, and with the figures of the CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.values.scope import Scope
from layouts.dashboards import dashboards
from layouts.render.csv import written
from layouts.render.json import FORMAT, document
from queries.frame import Member
from tests.layouts.company import Company, of_somebody
from tests.layouts.handouts import ORIGIN, handed

EVERY = pytest.mark.parametrize("dashboard", dashboards(), ids=lambda each: each.id)
OF_A_PANEL = {"id", "title", "state", "sentence", "unit", "finding", "notes", "link"}
OF_AN_ANSWER = OF_A_PANEL | {
    "currency", "columns", "rows", "totals", "others", "others_count", "missing", "provenance",
}  # fmt: skip


def read(content: bytes) -> dict[str, Any]:
    told = json.loads(content, parse_float=lambda text: pytest.fail(f"{text} is a number with a point"))
    assert isinstance(told, dict)
    return told


def cells(row: dict[str, Any], panel: dict[str, Any]) -> dict[str, str]:
    """A row as the CSV would have it."""
    found: dict[str, str] = {}
    for column in panel["columns"]:
        value = row[column["id"]]
        if isinstance(value, dict):
            found |= {f"{column['id']}_key": value["key"], column["id"]: value["name"]}
        else:
            found |= {f"{column['id']}_key": ""} if column["role"] == "dimension" else {}
            found[column["id"]] = "" if value is None else str(value)
    return found


@EVERY
def test_the_figures_of_every_dashboard_are_those_of_its_csv(dashboard: Any) -> None:
    handout = handed(of_somebody(dashboard))
    told = read(document(handout).content)
    assert [each["id"] for each in told["panels"]] == [each.panel.id for each in handout.panels]
    for panel, answered in zip(told["panels"], handout.panels, strict=True):
        if answered.frame is None:
            assert set(panel) == OF_A_PANEL
            continue
        assert set(panel) == OF_AN_ANSWER
        rows = list(csv.DictReader(io.StringIO(written(replace(answered.frame, others=None)), newline="")))
        assert [cells(row, panel) for row in panel["rows"]] == [
            {name: text.removeprefix("'") for name, text in row.items() if name != "currency"} for row in rows
        ]


def test_erin_reads_the_file_by_program() -> None:
    made = document(handed())
    assert (made.name, made.media_type) == ("overview-2026-10-01-2026-11-21.json", "application/json")
    told = read(made.content)
    assert (told["schema"], told["title"], told["made_for"]) == (1, "Overview", "Erin")
    assert {"name": "Currency", "text": "EUR"} in told["imprint"]
    sales = told["panels"][0]
    assert sales["rows"][0]["net_sales"] == "26154279.99"
    assert sales["rows"][0]["net_sales@budget:change"].startswith("-0.067")
    assert sales["provenance"]["span"] == {"first": "2026-10-01", "last": "2026-11-21"}
    assert sales["link"] == f"{ORIGIN}/d/overview/net-sales"
    customers = next(each for each in told["panels"] if each["id"] == "top-customers")
    assert customers["rows"][0]["customer"] == {"key": "aldergate-group", "name": "Aldergate Group"}
    assert (customers["others_count"], customers["others"]["customer"]) == (16, None)
    orders = next(each for each in told["panels"] if each["id"] == "orders")
    assert isinstance(orders["rows"][0]["orders"], int)


def test_what_is_missing_is_null_and_says_why() -> None:
    handout = handed()
    first = handout.panels[0]
    assert first.frame is not None
    gap = replace(first.frame, rows=((None, *first.frame.rows[0][1:]),), reasons={(0, "net_sales"): "missing_fx_rate"})
    told = read(document(replace(handout, panels=(replace(first, frames={"main": gap}),))).content)["panels"][0]
    assert told["rows"][0]["net_sales"] is None
    assert told["missing"] == [{"row": 0, "column": "net_sales", "reason": "missing_fx_rate"}]


def test_who_may_see_nothing_reads_only_why() -> None:
    panels = read(document(handed(scope=Scope.nothing())).content)["panels"]
    assert panels
    for panel in panels:
        assert set(panel) == OF_A_PANEL
        assert "administrator" in panel["sentence"]


def test_a_panel_that_was_refused_shows_no_figure_even_if_there_was_one() -> None:
    handout = handed()
    refused = replace(handout.panels[0], state="refused", sentence="Not yours.")
    (panel,) = read(document(replace(handout, panels=(refused,))).content)["panels"]
    assert set(panel) == OF_A_PANEL


def test_mia_without_cost_finds_no_margin() -> None:
    text = document(handed(masks={"cost"})).content.decode()
    assert "margin" not in text
    assert "margin_rate" in document(handed()).content.decode()


def test_odd_names_and_huge_counts_survive() -> None:
    handout = handed()
    top = next(each for each in handout.panels if each.panel.id == "top-customers")
    assert top.frame is not None
    name = '株式会社 <b>\x0b"\\ 🦉'
    row = (Member("k", name), Decimal("0.005"), *top.frame.rows[0][2:])
    odd = replace(top, frames={"main": replace(top.frame, rows=(row,), others_count=2**60)})
    (panel,) = read(document(replace(handout, panels=(odd,))).content)["panels"]
    assert panel["rows"][0]["customer"]["name"] == name
    assert panel["rows"][0]["net_sales"] == "0.01"
    assert panel["others_count"] == 2**60


def test_an_empty_company_is_a_file_all_the_same() -> None:
    told = read(FORMAT.write(handed(company=Company(empty=True))).content)
    assert {panel["state"] for panel in told["panels"]} == {"empty"}
