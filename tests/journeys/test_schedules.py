"""Dirk has a dashboard sent on Mondays; others do not see it, whoever receives it may end it."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from app.assembly import House
from app.models.user import User
from app.services import schedules, subscriptions
from tests.journeys.conftest import SignedIn
from tests.sweep.browser import Browser

FIELDS = {
    "name": "Monday figures",
    "view": "/d/overview",
    "format": "csv",
    "kind": "weekly",
    "weekday": "monday",
    "at": "07:00",
    "zone": "Europe/Berlin",
    "condition": "always",
    "version": "0",
    "do": "save",
}


def submit(browser: Browser, path: str, **fields: str | list[str]) -> TestResponse:
    """Post a form as the page it stands on sends it."""
    page = browser.client.get("/subscriptions").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.client.get("/account").text)
    assert found, page[:200]
    return browser.client.post(path, data={**fields, "csrf_token": found[1]})


def number_of(house: House, name: str) -> int:
    with house.database.read() as session:
        return session.query(User).filter(User.email == f"{name}@salient.example").one().id


def test_dirk_schedules_an_overview_and_sees_when_it_comes(signed_in: SignedIn, house: House) -> None:
    dirk = signed_in("dirk")
    made = submit(dirk, "/schedules/new", **FIELDS, recipient=[f"person:{number_of(house, 'sam')}", "role:executive"])
    assert made.status_code == 302, made.text
    place = made.headers["Location"].partition("?")[0]
    page = dirk.client.get(place).text
    assert page.count("<li>Mon ") == 5
    assert "07:00" in page
    assert "Monday figures" in dirk.client.get("/schedules").text
    assert signed_in("remy").client.get(place).status_code == 404
    assert "Monday figures" not in signed_in("remy").client.get("/schedules").text
    assert submit(dirk, place, do="pause").status_code == 302
    assert "Paused" in dirk.client.get("/schedules").text
    assert submit(dirk, place, do="resume").status_code == 302
    assert submit(dirk, place, do="test").status_code == 302
    assert submit(dirk, place, do="nonsense").status_code == 400
    assert submit(signed_in("remy"), place, do="delete").status_code == 404
    seen = dirk.client.get(f"{place}/preview?as=person:{number_of(house, 'sam')}&format=csv")
    assert seen.status_code == 200
    assert "Sam" in seen.text
    assert dirk.client.get(f"{place}/preview?as=person:999&format=csv").status_code == 404


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"zone": "Europe/Berlim"}, "Europe/Berlin"),
        ({"kind": "cron", "cron": "0 7 31 2 *"}, ""),
        ({"kind": "monthly", "day": "40"}, ""),
        ({"view": "/d/nothing"}, "no such dashboard"),
        ({"view": "view:doesnotexist000"}, "deleted"),
        ({"format": ""}, "format"),
        ({"name": "two\nlines"}, ""),
        ({"outside": "ann@example.com"}, "administrator"),
        ({"outside": "not an address"}, ""),
        ({"condition": "metric", "metric": "net_sales", "bound": "many"}, "number"),
    ],
)
def test_what_could_not_be_sent_is_said_when_it_is_saved_and_nothing_typed_is_lost(
    signed_in: SignedIn, house: House, changed: dict[str, str], why: str
) -> None:
    fields = {**FIELDS, "subject": "A subject that was typed", "recipient": "role:executive", **changed}
    answer = submit(signed_in("dirk"), "/schedules/new", **fields)
    assert 400 <= answer.status_code < 500
    assert 'role="alert"' in answer.text
    assert why in answer.text
    assert "A subject that was typed" in answer.text
    assert "[]" not in answer.text


def test_who_may_not_schedule_gets_no_page_of_it(signed_in: SignedIn) -> None:
    for name, subscribes in (("otto", 403), ("sam", 200)):
        assert signed_in(name).client.get("/schedules").status_code == 403
        assert submit(signed_in(name), "/schedules/new", **FIELDS).status_code == 403
        assert signed_in(name).client.get("/subscriptions").status_code == subscribes


def test_sam_ends_a_subscription_on_the_page_and_by_the_link_of_a_mail(signed_in: SignedIn, house: House) -> None:
    dirk, sam = signed_in("dirk"), signed_in("sam")
    recipient = f"person:{number_of(house, 'sam')}"
    made = submit(dirk, "/schedules/new", **{**FIELDS, "name": "For Sam"}, recipient=recipient)
    number = made.headers["Location"].partition("?")[0].rpartition("/")[2]
    assert "For Sam" in sam.client.get("/subscriptions").text
    assert submit(sam, "/subscriptions", schedule=number, do="end").status_code == 302
    assert "Send it to me again" in sam.client.get("/subscriptions").text
    assert submit(sam, "/subscriptions", schedule=number, do="again").status_code == 302
    token = subscriptions.link_token(number, recipient, house.secret)
    stranger = Browser(sam.client.application)
    assert "Unsubscribe" in stranger.client.get(f"/unsubscribe/{token}").text
    with house.database.read() as session:
        assert not next(each for each in subscriptions.mine(session, house.viewer_named("sam@salient.example"))
                        if each.schedule_id == number).is_ended  # fmt: skip
    ended = stranger.client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert (ended.status_code, "For Sam" in ended.text) == (200, True)
    assert stranger.client.post(f"/unsubscribe/{token[:-1]}x").status_code == 404
    with house.database.read() as session:
        assert next(each for each in subscriptions.mine(session, house.viewer_named("sam@salient.example"))
                    if each.schedule_id == number).is_ended  # fmt: skip
        assert schedules.find(session, house.viewer_named("dirk@salient.example"), number).next_due


@pytest.mark.parametrize("version", ["²", "9" * 5_000])
def test_a_version_that_is_no_number_is_no_error(signed_in: SignedIn, house: House, version: str) -> None:
    dirk = signed_in("dirk")
    fields = {**FIELDS, "name": "Odd", "recipient": f"person:{number_of(house, 'dirk')}", "format": ""}
    assert submit(dirk, "/schedules/new", **{**fields, "version": version}).status_code == 400


def test_what_is_sent_from_a_dashboard_has_its_name_already(signed_in: SignedIn) -> None:
    page = signed_in("dirk").client.get("/schedules/new", query_string={"view": "/d/regions?period=2025"}).text
    assert 'name="name" maxlength="120" required value="Regions"' in page
    odd = signed_in("dirk").client.get("/schedules/new", query_string={"view": "https://elsewhere.example"})
    assert odd.status_code == 200
