"""Rows of a tree table open for those who may see what is under them, and for nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sweep.browser import Answer
from tests.sweep.company import DEALS
from tests.sweep.conftest import Company
from tests.sweep.script import EVER, Script, keys_of

VIEW = f"/d/products{EVER}"
PLACE = {"dashboard": "products", "panel": "tree"}
OWN, FOREIGN = DEALS[0], DEALS[6]


def path(deal: Any, depth: int = 2) -> list[list[str]]:
    """The rows that lead to a deal's product."""
    return [[level, keys_of(deal)[level]] for level in ("category", "subcategory")[:depth]]


def opened(company: Company, script: Script, name: str, asked: object, place: dict[str, str] = PLACE) -> Answer:
    """What somebody's browser gets when rows are opened."""
    return company.browser(name).send(script.call("branches", VIEW, place, branches_asked=asked))


def under(answer: Answer) -> list[list[str]]:
    """The names under each opened row."""
    assert answer.status == 200
    (found,) = json.loads(answer.body)["response"].values()
    return [[row["name"] for row in branch["rows"]] for branch in found["data"]["branches"]]


def test_nothing_opens_for_otto_who_has_no_role(company: Company, script: Script) -> None:
    answer = opened(company, script, "otto", {"paths": [path(OWN)]})
    assert json.loads(answer.body)["response"] == {}
    assert '"rows"' not in answer.body


def test_sam_opens_his_own_goods_and_finds_nothing_under_those_of_others(company: Company, script: Script) -> None:
    own, foreign = under(opened(company, script, "sam", {"paths": [path(OWN), path(FOREIGN)]}))
    assert (len(own), len(foreign)) == (1, 0)
    assert [len(rows) for rows in under(opened(company, script, "erin", {"paths": [path(OWN), path(FOREIGN)]}))] == [
        1,
        1,
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"paths": "category"},
        {"paths": [["category", "bikes"]]},
        {"paths": [[["category"]]]},
        {"paths": [[["category", 3]]]},
        {"paths": [[["customer", "C1"]]]},
        {"paths": [[]]},
        {"paths": [[["category", "a"]]] * 41},
    ],
)
def test_what_is_no_row_of_the_tree_is_refused(company: Company, script: Script, asked: object) -> None:
    answer = opened(company, script, "erin", asked)
    assert json.loads(answer.body)["response"] == {}
    assert '"rows"' not in answer.body


def test_only_a_tree_table_has_rows_to_open(company: Company, script: Script) -> None:
    answer = opened(company, script, "erin", {"paths": [path(OWN)]}, {"dashboard": "products", "panel": "pareto"})
    assert json.loads(answer.body)["response"] == {}
    assert '"rows"' not in answer.body
