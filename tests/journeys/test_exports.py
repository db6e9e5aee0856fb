"""A file that takes a while is asked for, watched and fetched on a page; others cannot even tell that it is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.assembly import House
from app.web.exports import HERE
from scheduler.jobs.exports import work_off
from tests.services.salient import PASSWORD
from tests.sweep.browser import Browser

SignedIn = Callable[[str], Browser]
VIEW = "/d/overview/cumulative"


@pytest.fixture(scope="module")
def signed_in(server: Flask) -> SignedIn:
    """Browsers of this file's own: in other journeys everybody signs out."""

    @cache
    def browser(name: str) -> Browser:
        opened = Browser(server)
        assert opened.sign_in(f"{name}@salient.example", PASSWORD).status_code == 302
        return opened

    return browser


def ask(browser: Browser, view: str = VIEW, format_id: str = "csv") -> int:
    fields = {**browser.hidden("/account"), "view": view, "format": format_id}
    return browser.client.post(HERE, data=fields).status_code


def page(browser: Browser) -> str:
    return browser.client.get(HERE).text


def links(browser: Browser) -> list[str]:
    return re.findall(r'href="(/exports/file/[^"]+)"', page(browser))


def ended(browser: Browser) -> int:
    return int(browser.client.get("/stand").json["exports"])  # type: ignore[index]


def test_otto_has_no_such_page_and_learns_nothing(signed_in: SignedIn, house: House) -> None:
    tess, otto = signed_in("tess"), signed_in("otto")
    assert ask(tess) == 302
    work_off(house)
    (link,) = links(tess)
    assert otto.client.get(HERE).status_code == 403
    assert ask(otto) == 403
    assert ended(otto) == 0
    strange, none = otto.client.get(link), otto.client.get(f"{HERE}/file/{'n' * 43}")
    assert (strange.status_code, none.status_code) == (404, 404)
    for other in ("erin", "sam"):
        assert signed_in(other).client.get(link).status_code == 404
    assert tess.client.get(link).status_code == 200


def test_sam_asks_watches_and_fetches(signed_in: SignedIn, house: House) -> None:
    sam = signed_in("sam")
    assert "Nothing yet" in page(sam)
    assert ask(sam) == 302
    waiting = page(sam)
    assert "Waiting" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert links(sam) == []
    work_off(house)
    assert ended(sam) == 1
    ready = page(sam)
    assert "Ready" in ready
    assert 'http-equiv="refresh"' not in ready
    assert ended(sam) == 0, "the page has told it"
    (link,) = links(sam)
    got = sam.client.get(link)
    assert got.headers["Content-Disposition"].startswith('attachment; filename="overview-cumulative')
    assert "no-store" in got.headers["Cache-Control"]
    straight = sam.client.get(f"{VIEW}.csv")
    assert figures(got.text) == figures(straight.text)


def figures(text: str) -> list[str]:
    """The lines of a file without the moment it was made at."""
    return [line for line in text.splitlines() if "2026-11" not in line or not line.startswith("#")][:20]


def test_a_waiting_export_is_cancelled_by_its_owner_only(signed_in: SignedIn, house: House) -> None:
    remy, sam = signed_in("remy"), signed_in("sam")
    assert ask(remy) == 302
    (path,) = re.findall(r'action="(/exports/[^"]+/cancel)"', page(remy))
    assert sam.client.post(path, data=sam.hidden("/account")).status_code == 404
    assert remy.client.post(path).status_code == 400, "a form without its token"
    assert remy.client.post(path, data=remy.hidden("/account")).status_code == 302
    assert "Cancelled" in page(remy)
    assert work_off(house) == 0
    assert remy.client.post(path, data=remy.hidden("/account")).status_code == 409


@pytest.mark.parametrize(
    ("view", "format_id", "status"),
    [("/account", "csv", 400), ("/d/nowhere", "csv", 404), ("/d/overview/nowhere", "csv", 404), (VIEW, "exe", 404)],
)
def test_what_cannot_be_made_is_said_at_once(signed_in: SignedIn, view: str, format_id: str, status: int) -> None:
    sam = signed_in("sam")
    assert ask(sam, view, format_id) == status


def test_a_script_that_asks_is_answered_in_json(signed_in: SignedIn, house: House) -> None:
    tess = signed_in("tess")
    fields = {**tess.hidden("/account"), "view": "/d/team?period=2025", "format": "csv"}
    headers = {"Accept": "application/json"}
    begun = tess.client.post(HERE, data=fields, headers=headers)
    assert (begun.status_code, "in the background" in begun.json["sentence"]) == (202, True)  # type: ignore[index]
    refused = tess.client.post(HERE, data={**fields, "view": "/d/nowhere"}, headers=headers)
    assert (refused.status_code, refused.json["detail"]) == (404, "There is no such dashboard.")  # type: ignore[index]
    work_off(house)


def test_a_stranger_who_follows_the_link_signs_in_first_and_comes_back_to_the_page(server: Flask) -> None:
    came = Browser(server).client.get(HERE, headers={"Accept": "text/html"})
    assert (came.status_code, came.headers["Location"]) == (302, "/login?next=/exports")


def test_tess_mails_each_of_her_reps_the_own_page_and_is_told_who_has_no_account(
    signed_in: SignedIn, house: House
) -> None:
    tess, sam = signed_in("tess"), signed_in("sam")
    button = "Mail each rep their own page"
    assert button in page(tess)
    assert button not in page(sam)

    def press(browser: Browser) -> TestResponse:
        return browser.client.post(f"{HERE}/mailed", data=browser.hidden("/account"))

    sent = press(tess)
    assert sent.status_code == 302
    place = sent.headers["Location"]
    told = tess.client.get(place).text
    assert "Each rep is being mailed their own page" in told
    reps = {each.key for each in house.asker.members("rep", house.viewer_named("tess@salient.example").context)}
    assert f"who get nothing: {len(reps) - 2}." in told
    assert "· once" in told
    assert signed_in("remy").client.get(place.partition("?")[0]).status_code == 404
    again = press(tess)
    assert again.status_code == 409
    assert "on its way already" in again.text
    for nobody in ("sam", "otto"):
        assert press(signed_in(nobody)).status_code == 403
