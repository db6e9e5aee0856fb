"""Ada lets a partner outside be told about fixed rows; nobody else can, and it ends when she says so."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from app.values.errors import Invalid
from app.web.outside import clauses_in
from tests.journeys.conftest import SignedIn
from tests.journeys.test_schedules import FIELDS
from tests.journeys.test_schedules import submit as schedule
from tests.sweep.browser import Browser

HERE = "/admin/outside"


def submit(browser: Browser, **fields: str) -> TestResponse:
    """Send a form of the page."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.client.get("/account").text)
    assert token
    return browser.client.post(HERE, data={**fields, "csrf_token": token[1]})


def test_a_partner_is_sent_to_only_while_there_is_leave(signed_in: SignedIn) -> None:
    ada, dirk = signed_in("ada"), signed_in("dirk")
    wanted = {**FIELDS, "name": "For a partner", "outside": "ann@partner.example"}
    assert schedule(dirk, "/schedules/new", **wanted).status_code == 403
    assert submit(ada, do="grant", address="Ann@Partner.example", rows="country=spain", days="30").status_code == 302
    assert "country=spain" in ada.client.get(HERE).text
    assert schedule(dirk, "/schedules/new", **wanted).status_code == 302
    number = re.search(r'name="id" value="([^"]+)"', ada.client.get(HERE).text)
    assert number
    assert submit(ada, do="revoke", id=number[1]).status_code == 302
    assert schedule(dirk, "/schedules/new", **{**wanted, "name": "Again"}).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"address": "nobody"},
        {"address": "dirk@salient.example"},
        {"rows": ""},
        {"rows": "everything"},
        {"rows": "planet=mars"},
        {"days": "4000"},
        {"days": "soon"},
        {"days": "²"},
    ],
)
def test_leave_that_means_nothing_is_refused_and_what_was_typed_stays(
    signed_in: SignedIn, changed: dict[str, str]
) -> None:
    fields = {
        "do": "grant",
        "address": "ben@partner.example",
        "name": "Ben Partner",
        "rows": "country=spain",
        "days": "9",
    }
    answer = submit(signed_in("ada"), **{**fields, **changed})
    assert 400 <= answer.status_code < 500
    assert 'role="alert"' in answer.text
    assert "Ben Partner" in answer.text
    assert "ben@partner.example" not in re.findall(r"<strong>([^<]+)</strong>", answer.text)


def test_only_administrators_give_leave(signed_in: SignedIn) -> None:
    for name in ("otto", "erin", "dirk", "sam"):
        assert signed_in(name).client.get(HERE).status_code == 403
        assert submit(signed_in(name), do="grant", address="x@y.example", rows="all").status_code == 403


def test_rows_are_written_as_clauses() -> None:
    assert clauses_in("all") == [{}]
    assert clauses_in("region=a; category=b, c\n market=d") == [
        {"region": ["a"], "category": ["b", "c"]},
        {"market": ["d"]},
    ]
    for wrong in ("region", "=a", "region=", "all\nregion=a"):
        with pytest.raises(Invalid):
            clauses_in(wrong)
