"""A screen without a session: it shows one view as its creator may see it, and whatever else it asks for is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.assembly import House
from app.models.display import Display
from app.services import displays
from app.web.screens import HEADER
from tests.services.salient import PASSWORD
from tests.sweep.browser import DISPATCH, Browser, name_of, payload

VIEW = "/d/overview?period=2025"
PLACE = {"dashboard": "overview", "panel": "variance"}


class Television(Browser):
    """A browser without a session that was given the address of a screen."""

    def __init__(self, server: Flask, token: str) -> None:
        super().__init__(server)
        self.marks = {HEADER: token}
        self.page = self.client.get(f"/screen/{token}")

    def calls(self, name: str, view: str = VIEW, **values: object) -> TestResponse:
        at = {"place": [view.split("/")[2].split("?")[0], None, "1", 0], "view": view}
        asked = {"at": at, "grid-of": {"view": view}, **{key.replace("_", "-"): each for key, each in values.items()}}
        match = {"dashboard": view.split("/")[2].split("?")[0], "panel": "variance", "row": 0}
        body = payload(self.callbacks()[name], asked, **match).payload
        headers = {"X-CSRFToken": self.token, "Content-Type": "application/json", **self.marks}
        return self.client.post(DISPATCH, data=body, headers=headers)

    def callbacks(self) -> dict[str, Any]:
        found = self.client.get("/_dash-dependencies", headers=self.marks).get_json()
        return {name_of(each): each for each in found if each["clientside_function"] is None}


@pytest.fixture
def hung(house: House) -> tuple[str, str]:
    """A screen that Erin hung up in the hall: its id and its token."""
    with house.database.write() as session:
        erin = house.viewer_named("erin@salient.example")
        card, token = displays.grant(session, erin, name="Hall", view=VIEW)
    return card.id, token


def entered(server: Flask, who: str) -> Browser:
    """The browser of somebody who has just signed in."""
    browser = Browser(server)
    assert browser.sign_in(f"{who}@salient.example", PASSWORD).status_code == 302
    return browser


def told(answer: TestResponse) -> dict[str, Any]:
    """What a callback changes in the page; nothing where it was refused."""
    return dict((answer.get_json(silent=True) or {}).get("response") or {})


def test_a_screen_draws_its_view_without_a_session_and_without_anything_to_press(
    server: Flask, hung: tuple[str, str]
) -> None:
    screen = Television(server, hung[1])
    assert screen.page.status_code == 200
    frame = told(screen.calls("main", url=f"http://localhost/screen/{hung[1]}", at=None))
    text = json.dumps(frame)
    assert frame["main"]["data-view"] == VIEW
    assert "Data as of" in text
    for name in ("answer", "cards", "lede"):
        drawn = json.dumps(told(screen.calls(name)))
        assert len(drawn) > 200, name
        text += drawn
    assert '"href"' not in text
    assert '"Button"' not in text
    assert '"gesture": "none"' in text


def test_a_screen_gets_no_other_view_and_no_other_callback(server: Flask, hung: tuple[str, str]) -> None:
    screen = Television(server, hung[1])
    for view in ("/d/overview", f"{VIEW}&rep=R001", "/d/sales?period=2025", f"{VIEW}&drill=region:dach"):
        drawn = json.dumps(told(screen.calls("answer", view)))
        assert "nothing else" in drawn
        assert "customdata" not in drawn
        assert told(screen.calls("cards", view)) == {}
        assert told(screen.calls("lede", view)) == {}
    drawings = {"main", "answer", "cards", "lede"}
    asked = {
        "url": f"http://localhost{VIEW}",
        "rows_asked": {"panel": "variance"},
        "explain_asked": {"panel": "variance"},
        "mark": {"level": "region", "key": "dach", "gesture": "drill"},
        "grid": {"startRow": 0, "endRow": 100},
        "twin": True,
        "search": "german",
        "views_asked": {},
        "save_asked": {},
        "keep": {"act": "link"},
        "tour_seen": {},
        "narrow_due": True,
    }
    refused = set(screen.callbacks()) - drawings
    assert {"rows", "grid", "twin", "explain", "found", "mark", "filter-members", "views-body"} <= refused
    for name in sorted(refused):
        assert told(screen.calls(name, **asked)) == {}, name


def test_a_screen_is_let_to_no_other_page_file_or_form(server: Flask, hung: tuple[str, str]) -> None:
    screen = Television(server, hung[1])
    for path in (
        "/",
        VIEW,
        "/d/overview.csv?period=2025",
        "/d/overview/variance.csv?period=2025",
        "/d/overview/variance.rows.csv?period=2025",
        "/account",
        "/admin/users",
        "/help",
        "/v/abc",
        "/logout",
        "/_reload-hash",
    ):
        assert screen.client.get(path, headers=screen.marks).status_code == 403, path
        # Without its mark it is a stranger.
        assert screen.client.get(path).status_code in {302, 401}, path
    assert screen.client.get("/_dash-layout").status_code == 401
    assert screen.client.get("/stand").status_code == 401
    assert screen.client.get("/assets/10-shell.css").status_code == 200
    body = payload(screen.callbacks()["lede"], {"at": {"view": VIEW}}).payload
    headers = {"X-CSRFToken": screen.token, "Content-Type": "application/json"}
    assert screen.client.post(DISPATCH, data=body, headers=headers).status_code == 401
    assert (
        screen.client.post(DISPATCH, data=body, headers={**screen.marks, **headers, "X-CSRFToken": ""}).status_code
        == 400
    )
    for path in ("/account/password", "/logout", "/admin/users"):
        assert screen.client.post(path, headers={**screen.marks, **headers}).status_code == 403


def test_an_expired_and_a_revoked_screen_end_at_once_with_a_clear_page(
    server: Flask, house: House, hung: tuple[str, str]
) -> None:
    screen = Television(server, hung[1])
    assert screen.client.get("/stand", headers=screen.marks).status_code == 200
    with house.database.write() as session:
        session.execute(
            update(Display).where(Display.id == hung[0]).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        )
    gone = Television(server, hung[1])
    never = Television(server, "A" * 43)
    for each in (gone, never, Television(server, "x"), Television(server, "")):
        assert each.page.status_code == 404
    assert "no longer" in gone.page.text
    assert "Ask whoever set it up" in never.page.text
    assert screen.client.get("/stand", headers=screen.marks).status_code == 401
    assert screen.client.get("/_dash-layout", headers=screen.marks).status_code == 401


def test_a_revoked_screen_draws_nothing_more(server: Flask, house: House, hung: tuple[str, str]) -> None:
    screen = Television(server, hung[1])
    dependencies = screen.callbacks()
    with house.database.write() as session:
        displays.revoke(session, house.viewer_named("erin@salient.example"), hung[0])
    screen.callbacks = lambda: dependencies  # type: ignore[method-assign]
    assert screen.calls("lede").status_code == 401
    assert Television(server, hung[1]).page.status_code == 404


def test_whoever_is_signed_in_is_the_screen_on_its_page(server: Flask, hung: tuple[str, str]) -> None:
    ada = entered(server, "ada")
    assert ada.client.get(f"/screen/{hung[1]}").status_code == 200
    assert ada.client.get("/admin/users", headers={HEADER: hung[1]}).status_code == 403
    assert ada.client.get("/stand", headers={HEADER: "A" * 43}).status_code == 401
    assert ada.client.get("/d/overview").status_code == 200


def test_a_screen_never_shows_more_than_its_creator_sees(server: Flask, house: House) -> None:
    with house.database.write() as session:
        dirk = house.viewer_named("dirk@salient.example")
        _, token = displays.grant(session, dirk, name="Hall", view="/d/overview?rep=@me")
    screen = Television(server, token)
    assert "@me" in json.dumps(told(screen.calls("main", url=f"http://localhost/screen/{token}", at=None)))
    drawn = json.dumps(told(screen.calls("answer", "/d/overview?rep=@me")))
    assert "refused" in drawn
    assert "customdata" not in drawn


def test_the_state_of_the_data_is_told_to_who_sees_rows(server: Flask) -> None:
    assert entered(server, "otto").client.get("/stand").get_json() == {"stand": "", "exports": 0, "mentions": 0}
    assert entered(server, "sam").client.get("/stand").get_json()["stand"].endswith(".2026-11-21")
    assert Browser(server).client.get("/stand").status_code == 401


def test_a_screen_shows_the_customers_of_a_segment(server: Flask, house: House) -> None:
    view = "/d/customers?customer=@segment-champions"
    with house.database.write() as session:
        erin = house.viewer_named("erin@salient.example")
        _, token = displays.grant(session, erin, name="Best", view=view)
    drawn = json.dumps(told(Television(server, token).calls("cards", view)))
    assert len(drawn) > 200
    assert "cannot be used" not in drawn
