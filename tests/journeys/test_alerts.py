"""Erin watches a figure from the panel she reads; others neither see her alerts nor change them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from app.assembly import House
from app.channels.ways import ways
from scheduler.jobs.alerts import check_due
from tests.journeys.conftest import SignedIn
from tests.journeys.test_schedules import number_of, submit
from tests.sweep.browser import Browser

FROM_A_PANEL = "/alerts/new?view=/d/overview/net-sales%3Fperiod%3Dthis-year&metric=net_sales"
FIELDS = {
    "name": "Sales are low",
    "view": "/d/overview/net-sales?period=this-year",
    "metric": "net_sales",
    "looks": "threshold",
    "test": "below",
    "bound": "900000000000",
    "clear": "",
    "versus": "last-year",
    "step": "day",
    "unusual": "3.5",
    "days": "3",
    "by": "",
    "holds": "1",
    "kind": "load",
    "at": "07:00",
    "zone": "Europe/Berlin",
    "version": "0",
    "do": "save",
}


def made(browser: Browser, house: House, *names: str, **changed: str) -> str:
    """The address of an alert made by the form."""
    people = [f"person:{number_of(house, name)}" for name in names]
    answer = submit(browser, "/alerts/new", **{**FIELDS, **changed}, recipient=people)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].partition("?")[0]


def checked(house: House) -> int:
    channels = ways(house.settings)
    try:
        return check_due(house, channels, "test", lambda: datetime.now(UTC))
    finally:
        for each in channels.values():
            each.close()


def test_otto_and_a_rep_find_no_way_in(signed_in: SignedIn, house: House) -> None:
    for name in ("otto", "sam", "amy"):
        browser = signed_in(name)
        assert browser.client.get("/alerts").status_code == 403
        assert browser.client.get(FROM_A_PANEL).status_code == 403
        assert submit(browser, "/alerts/new", **FIELDS).status_code == 403
    place = made(signed_in("erin"), house, "erin")
    for name, status in (("otto", 403), ("sam", 403), ("tess", 404), ("ada", 404)):
        browser = signed_in(name)
        assert browser.client.get(place).status_code == status
        assert submit(browser, place, do="delete").status_code == status
        assert submit(browser, place, **FIELDS).status_code == status
    assert "Sales are low" not in signed_in("tess").client.get("/alerts").text


def test_without_the_forms_own_token_nothing_is_done(signed_in: SignedIn, house: House) -> None:
    erin = signed_in("erin")
    place = made(erin, house, "erin")
    for path, fields in (("/alerts/new", FIELDS), (place, {"do": "delete"})):
        assert erin.client.post(path, data=fields).status_code == 400
        assert erin.client.post(path, data={**fields, "csrf_token": "forged"}).status_code == 400
    assert erin.client.get(place).status_code == 200


def test_a_panel_opens_the_form_with_its_view_and_figure(signed_in: SignedIn) -> None:
    page = signed_in("erin").client.get(FROM_A_PANEL).text
    assert 'value="/d/overview/net-sales?period=this-year"' in page
    assert '<option value="net_sales" selected>' in page
    assert 'value="threshold" selected' in page


def test_erin_looks_saves_is_told_mutes_pauses_deletes_and_brings_back(signed_in: SignedIn, house: House) -> None:
    erin = signed_in("erin")
    people = [f"person:{number_of(house, 'erin')}"]
    seen = submit(erin, "/alerts/new", **{**FIELDS, "by": "market", "do": "check"}, recipient=people)
    assert seen.status_code == 200
    assert seen.text.count("beyond the bound") == 3
    place = made(erin, house, "erin", by="market", name="Markets are low")
    assert "Not checked yet" in erin.client.get("/alerts").text
    assert checked(house) >= 1
    listed = erin.client.get("/alerts").text
    assert "Firing (3)" in listed
    page = erin.client.get(place).text
    assert all(market in page for market in ("EMEA", "Americas", "Asia Pacific"))
    assert page.count("told") >= 3
    assert submit(erin, place, do="mute", days="7").status_code == 302
    assert "Muted until" in erin.client.get("/alerts").text
    assert submit(erin, place, do="mute", days="9999").status_code == 400
    assert submit(erin, place, do="unmute").status_code == 302
    assert submit(erin, place, do="pause").status_code == 302
    assert "Paused" in erin.client.get("/alerts").text
    assert submit(erin, place, do="resume").status_code == 302
    assert submit(erin, place, do="delete").status_code == 302
    assert erin.client.get(place).status_code == 404
    assert submit(erin, place, do="restore").status_code == 302
    assert "Paused" in erin.client.get("/alerts").text
    assert submit(erin, place, do="nonsense").status_code == 400


def test_what_is_changed_shows_as_it_was_typed(signed_in: SignedIn, house: House) -> None:
    erin = signed_in("erin")
    place = made(erin, house, "erin", metric="margin_rate", bound="41.5", clear="43", kind="weekdays", at="08:30")
    page = erin.client.get(place).text
    for field, value in (("bound", "41.5"), ("clear", "43"), ("at", "08:30")):
        assert re.search(rf'name="{field}"[^>]*value="{value}"', page), field
    assert '<option value="margin_rate" selected>' in page
    people = [f"person:{number_of(house, 'erin')}"]
    again = {**FIELDS, "name": "Renamed", "metric": "margin_rate", "bound": "40", "version": "1"}
    assert submit(erin, place, **again, recipient=people).status_code == 302
    assert "Renamed" in erin.client.get(place).text
    late = submit(erin, place, **again, recipient=people)
    assert late.status_code == 409
    assert "changed meanwhile" in late.text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"bound": ""}, "is not a number"),
        ({"bound": "1e9"}, "is not a number"),
        ({"bound": "100", "clear": "90"}, "good side of its bound"),
        ({"looks": "target"}, "A target is at risk when"),
        ({"looks": "magic"}, "Choose what the alert looks for"),
        ({"test": "either"}, "too much or too little"),
        ({"metric": "nonsense"}, "There is no figure called nonsense"),
        ({"metric": "budget", "by": "customer"}, "cannot be watched by customer"),
        ({"by": "month"}, "cannot be watched by month"),
        ({"view": "/d/nowhere"}, "There is no such dashboard"),
        ({"view": "javascript:alert(1)"}, "/d/"),
        ({"view": "/d/overview/nothing"}, "There is no such panel"),
        ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"kind": "cron", "cron": "61 7 * * *"}, "61"),
        ({"holds": "0"}, "1 to 30 checks"),
        ({"name": " "}, "A name has 1 to 120"),
    ],
)
def test_what_cannot_be_watched_is_said_when_it_is_saved(
    signed_in: SignedIn, house: House, changed: dict[str, str], why: str
) -> None:
    people = [f"person:{number_of(house, 'erin')}"]
    answer = submit(signed_in("erin"), "/alerts/new", **{**FIELDS, **changed}, recipient=people)
    assert 400 <= answer.status_code < 500
    assert why in answer.text
    assert "Sales are low" in answer.text or "name" in changed


def test_nobody_is_no_recipient(signed_in: SignedIn) -> None:
    answer = submit(signed_in("erin"), "/alerts/new", **FIELDS)
    assert answer.status_code == 400
    assert "Choose at least one recipient" in answer.text


def test_marketing_cannot_watch_a_margin(signed_in: SignedIn, house: House) -> None:
    mia = signed_in("mia")
    assert 'value="margin"' not in mia.client.get("/alerts/new?metric=margin").text
    people = [f"person:{number_of(house, 'mia')}"]
    answer = submit(mia, "/alerts/new", **{**FIELDS, "metric": "margin"}, recipient=people)
    assert answer.status_code == 400
    assert "There is no figure called margin" in answer.text


@pytest.mark.parametrize(
    "changed",
    [
        {"looks": "change", "bound": "-5"},
        {"looks": "target", "metric": "budget_attainment", "bound": "95"},
        {"looks": "anomaly", "test": "either", "step": "week"},
        {"looks": "no-data", "by": "market"},
        {"looks": "rhythm"},
    ],
)
def test_every_kind_is_made_read_and_checked(signed_in: SignedIn, house: House, changed: dict[str, str]) -> None:
    erin = signed_in("erin")
    place = made(erin, house, "erin", **changed)
    assert checked(house) >= 1
    page = erin.client.get(place)
    assert page.status_code == 200
    assert f'value="{changed["looks"]}" selected' in page.text
    assert "Cannot be checked" not in page.text
    assert "Not checked yet" not in page.text
