"""The page of webhooks: registered with a password given just now, their secret shown once, tried and told again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update
from standardwebhooks import Webhook

from app.assembly import House
from app.channels.posting import Post
from app.factory import create_app
from app.models.session import BrowserSession
from app.services import accounts, hooks
from scheduler.jobs.hooks import Courier
from tests.channels.servers import Hook, hook_server, trusting
from tests.sweep.browser import Browser
from tests.sweep.company import COLLEAGUES, PASSWORD, open_house, tables

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[House]:
    """A company whose operator lets hooks be posted to this machine."""
    opened = open_house(tmp_path_factory.mktemp("hooked"), tables())
    yield replace(opened, settings=replace(opened.settings, hook_hosts=("localhost",)))
    opened.close()


@pytest.fixture(scope="module")
def server(house: House) -> Flask:
    """Its application."""
    return create_app(house)


As = Callable[[str], Browser]


@pytest.fixture
def signed_in(server: Flask) -> As:
    """`signed_in("erin")` has given her password just now."""

    def of(name: str) -> Browser:
        browser = Browser(server)
        assert browser.sign_in(COLLEAGUES[name].email, PASSWORD).status_code == 302
        return browser

    return of


@pytest.fixture
def receiver() -> Iterator[Hook]:
    """What is posted to."""
    with hook_server(Hook()) as opened:
        yield opened


def post(browser: Browser, path: str, **fields: object) -> tuple[int, str]:
    """Send a form of a page, and follow where it leads; the last status and page."""
    data = {"csrf_token": browser.hidden(path)["csrf_token"], **fields}
    came = browser.client.post(path, data=data, follow_redirects=True)
    return came.status_code, came.text


def registered(browser: Browser, address: str, *kinds: str, name: str = "Ours") -> tuple[str, str, str]:
    """Register a webhook: where its page is, its secret and the answer."""
    status, page = post(
        browser, "/webhooks/new", do="save", name=name, address=address, kind=list(kinds or ("view.shared",))
    )
    assert status == 200, page
    (secret,) = set(SECRET.findall(unescape(page)))
    (place,) = set(re.findall(r"/webhooks/[A-Za-z0-9_-]{12}", page))
    return place, secret, page


def carried(house: House) -> None:
    """What is due goes out."""
    courier = Courier(house, Post(allowed=("localhost",), tls=trusting()))
    courier.work_off()
    courier.close()


@pytest.mark.parametrize("name", ["otto", "sam", "tess", "mia"])
def test_whoever_may_not_have_webhooks_opens_no_page_of_them(name: str, signed_in: As) -> None:
    browser = signed_in(name)
    for path in ("/webhooks", "/webhooks/new", "/webhooks/nosuchhook00"):
        assert browser.client.get(path).status_code == 403
        token = browser.hidden("/account")["csrf_token"]
        assert browser.client.post(path, data={"csrf_token": token, "do": "test"}).status_code in (403, 405)
    assert "/webhooks" not in browser.client.get("/account").text


def test_the_secret_is_on_the_first_page_and_on_no_other(house: House, signed_in: As, receiver: Hook) -> None:
    erin = signed_in("erin")
    place, secret, _ = registered(erin, receiver.address)
    for path in (place, "/webhooks"):
        assert not SECRET.search(erin.client.get(path).text)
    assert post(erin, place, do="test")[0] == 200
    carried(house)
    assert Webhook(secret).verify(receiver.bodies[-1], receiver.headers[-1])["type"] == "test"
    page = erin.client.get(place).text
    assert "sent · 200" in page
    assert receiver.posted[-1]["id"] in page
    delivery = re.findall(r'name="delivery" value="([^"]+)"', page)[0]
    assert post(erin, place, do="again", delivery=delivery)[0] == 200
    carried(house)
    assert [each["id"] for each in receiver.posted] == [receiver.posted[0]["id"]] * 2
    status, page = post(erin, place, do="rotate")
    (newer,) = set(SECRET.findall(unescape(page)))
    assert (status, newer != secret) == (200, True)


def test_whoever_gave_the_password_long_ago_gives_it_again_first(house: House, signed_in: As, receiver: Hook) -> None:
    erin = signed_in("erin")
    place, _, _ = registered(erin, receiver.address, name="Before")
    with house.database.write() as session:
        session.execute(update(BrowserSession).values(proved_at=datetime.now(UTC) - timedelta(minutes=6)))
    for path, do in (("/webhooks/new", "save"), ("/webhooks/new", "on"), (place, "rotate"), (place, "save")):
        token = erin.hidden("/account")["csrf_token"]
        came = erin.client.post(path, data={"csrf_token": token, "do": do, "name": "x", "address": "https://x.example"})
        assert (came.status_code, came.headers["Location"]) == (302, f"/account/prove?next={path}")
    assert "/account/prove" in erin.client.get(place).text
    assert "Before" in erin.client.get("/webhooks").text
    assert post(erin, place, do="off")[0] == 200
    assert "switched off" in erin.client.get(place).text


def test_nothing_typed_is_lost_when_an_address_is_refused(signed_in: As) -> None:
    erin = signed_in("erin")
    for address in ("https://169.254.169.254/x", "https://[::ffff:127.0.0.1]/x", "http://example.com/x", "x"):
        status, page = post(
            erin, "/webhooks/new", do="save", name="Typed long", address=address, kind=["view.shared", "data.loaded"]
        )
        assert status == 400
        assert 'role="alert"' in page
        assert "Typed long" in page
        assert address in unescape(page)
        assert page.count(" checked") == 2
        assert not SECRET.search(page)


def test_what_a_form_never_says_changes_nothing(signed_in: As, receiver: Hook) -> None:
    erin = signed_in("erin")
    place, _, _ = registered(erin, receiver.address, name="Odd forms")
    for fields in (
        {"do": "fly"},
        {"do": ""},
        {"do": "save", "name": "x", "address": receiver.address, "kind": ["view.shared"], "version": "7"},
        {"do": "save", "name": "x", "address": receiver.address, "kind": ["no.such"], "version": "1"},
        {"do": "save", "name": "x", "address": receiver.address, "version": "1"},
        {"do": "again", "delivery": "nosuch"},
        {"do": "span", "since": "yesterday", "until": ""},
        {"do": "span", "since": "2026-11-02T10:00", "until": "2026-11-01T10:00"},
    ):
        status, page = post(erin, place, **fields)
        assert status in (400, 404, 409), fields
        assert 'role="alert"' in page
    assert erin.client.get(f"{place}?before=nonsense").status_code == 200
    assert "Odd forms" in erin.client.get(place).text


def test_a_colleagues_page_looks_like_one_that_does_not_exist(signed_in: As, receiver: Hook) -> None:
    place, _, _ = registered(signed_in("erin"), receiver.address, name="Hers")
    dirk = signed_in("dirk")
    assert dirk.client.get(place).status_code == dirk.client.get("/webhooks/nosuchhook00").status_code == 404
    assert "Hers" not in dirk.client.get("/webhooks").text
    token = dirk.hidden("/account")["csrf_token"]
    for do in ("rotate", "test", "off", "delete", "save"):
        fields = {"csrf_token": token, "do": do, "name": "x", "address": receiver.address, "kind": "view.shared"}
        assert dirk.client.post(place, data=fields).status_code == 404


def test_it_is_deleted_with_what_it_was_told(house: House, signed_in: As, receiver: Hook) -> None:
    erin = signed_in("erin")
    place, _, _ = registered(erin, receiver.address, name="Short-lived")
    post(erin, place, do="test")
    carried(house)
    status, page = post(erin, place, do="delete")
    assert (status, "Short-lived" in page) == (200, False)
    assert erin.client.get(place).status_code == 404


def test_what_happened_to_people_is_offered_to_administrators_alone(signed_in: As) -> None:
    assert "user.changed" in signed_in("ada").client.get("/webhooks/new").text
    assert "user.changed" not in signed_in("erin").client.get("/webhooks/new").text


def test_rights_act_at_once(house: House, signed_in: As) -> None:
    email = COLLEAGUES["erin"].email
    erin = signed_in("erin")
    assert erin.client.get("/webhooks").status_code == 200
    with house.database.write() as session:
        accounts.change_rights(session, "cli", email, role="rep")
    assert erin.client.get("/webhooks").status_code == 403
    with house.database.write() as session:
        accounts.change_rights(session, "cli", email, role="executive")


def test_an_administrator_switches_off_anothers_webhook_and_nobody_else_does(
    house: House, signed_in: As, receiver: Hook
) -> None:
    erin = house.viewer_named(COLLEAGUES["erin"].email)
    draft = hooks.checked(
        erin, hooks.Draft("Hers", f"{receiver.address}&token=hers", ("view.shared",)), Post(("localhost",))
    )
    with house.database.write() as session:
        card, secret = hooks.create(session, erin, draft, house.secret)
    owner, ada = signed_in("erin"), signed_in("ada")
    assert "Webhooks of others" not in owner.client.get("/webhooks").text
    assert owner.client.post("/webhooks", data={"hook": card.id, "csrf_token": owner.token}).status_code == 403
    page = ada.client.get("/webhooks").text
    assert "Hers" in page
    assert "token=hers" not in page
    assert secret not in page
    assert ada.client.get(f"/webhooks/{card.id}").status_code == 404
    done = ada.client.post("/webhooks", data={"hook": card.id, "csrf_token": ada.token})
    assert (done.status_code, done.headers["Location"]) == (302, "/webhooks?done=off")
    with house.database.read() as session:
        assert hooks.find(session, erin, card.id).off_reason == "An administrator switched it off."
