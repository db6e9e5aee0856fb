"""Two companies in one process, with the same people, the same secret and one Redis, have nothing of each other."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from app.services import accounts
from app.values.period import Period
from queries.query import Query
from tests.sweep.browser import Browser, Request
from tests.sweep.company import COLLEAGUES, DEALS, PASSWORD, WORD, tables
from tests.sweep.conftest import Company, Opened
from tests.sweep.script import Script

SECRET = "one secret for everything that runs on this machine"
EVER = "?period=all"
OTHER_WORD = re.compile(r"zy[a-z]{8}")


def other_tables() -> dict[str, list[dict[str, Any]]]:
    """The same people and places, with double amounts and other names: `zq…` words become `zy…` ones."""
    rows = tables()
    return {
        name: [{column: _other(column, value) for column, value in row.items()} for row in held]
        for name, held in rows.items()
    }


def _other(column: str, value: Any) -> Any:
    if column in ("net", "gross", "discount", "returned", "cost", "unit_price", "amount"):
        return value * 2
    is_key = column.endswith("_key") or column == "chain_id"
    return value.replace("zq", "zy") if isinstance(value, str) and not is_key else value


@pytest.fixture(scope="module", params=["files", pytest.param("redis", marks=pytest.mark.redis)])
def pair(request: pytest.FixtureRequest, open_company: Opened) -> tuple[Company, Company]:
    """Here and there: both keep their answers in the same Redis, or each in its own folder, under one secret."""
    settings = {"secret_key": SECRET}
    if request.param == "redis":
        settings["redis_url"] = request.getfixturevalue("redis_url")
    return open_company(tables(), **settings), open_company(other_tables(), **settings)


def test_the_same_question_gets_each_company_its_own_answer(pair: tuple[Company, Company]) -> None:
    here, there = pair
    query = Query(("net_sales",), period=Period.parse("all"))
    figures = []
    for company in (here, there, here):
        viewer = company.house.viewer_named(COLLEAGUES["erin"].email)
        [[figure]] = company.house.asker.ask(query, viewer.context).rows
        figures.append(figure)
    assert figures[1] == 2 * figures[0]
    assert figures[2] == figures[0] == sum(6 * Decimal(10) ** deal.at for deal in DEALS)


def test_pages_taken_in_turns_hold_only_the_own_companys_words(pair: tuple[Company, Company], script: Script) -> None:
    here, there = pair
    read: set[str] = set()
    for request in script.whole(here.house.dashboards[0], EVER):
        ours, theirs = here.browser("erin").send(request), there.browser("erin").send(request)
        assert not OTHER_WORD.search(ours.body), request.text
        assert not set(WORD.findall(theirs.body)) - _keys(), request.text
        read |= set(OTHER_WORD.findall(theirs.body))
    assert {row["customer"] for row in other_tables()["customer"]} <= read


def _keys() -> set[str]:
    """The words that both companies have for keys."""
    rows = tables()
    return {
        word
        for held in rows.values()
        for row in held
        for column, value in row.items()
        if column.endswith("_key") and isinstance(value, str)
        for word in WORD.findall(value)
    }


def test_a_session_of_one_company_is_no_session_of_the_other(pair: tuple[Company, Company]) -> None:
    here, there = pair
    erin = here.browser("erin")
    visitor = Browser(there.server)
    for name in ("salient", "_csrf_token"):
        visitor.client.set_cookie(name, erin.client.get_cookie(name).value)  # type: ignore[union-attr]
    for request in (Request("/d/overview.csv"), Request("/_dash-layout"), Request("/")):
        assert visitor.send(request).status in (302, 401)
        assert erin.send(request).status == 200


def test_people_and_callbacks_are_each_companys_own(pair: tuple[Company, Company], script: Script) -> None:
    here, there = pair
    house = there.house
    with house.database.write() as session:
        accounts.change_rights(session, house.local_administrator(), COLLEAGUES["theo"].email, role="none")
    assert here.browser("theo").send(Request(f"/d/overview.csv{EVER}")).status == 200
    assert there.browser("theo").send(Request(f"/d/overview.csv{EVER}")).status == 403
    assert here.server.view_functions.keys() == there.server.view_functions.keys()
    for name, view in here.server.view_functions.items():
        assert view is not there.server.view_functions[name], name
    assert here.browser("erin").dependencies.keys() == there.browser("erin").dependencies.keys()
    wrong = Browser(there.server).sign_in(COLLEAGUES["erin"].email, PASSWORD + " ")
    assert wrong.status_code == 401
