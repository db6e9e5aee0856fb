"""What is sent into rooms and to programs outside: rows that are pinned, once, with links to single files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.channels.posting import Post
from app.channels.slack import Slack
from app.channels.teams import Teams
from app.channels.webhook import Webhook
from app.factory import create_app
from app.models.delivery import Delivery
from app.models.document import PaperLink
from app.models.event import AuditEvent
from app.services import accounts, alerts, documents, grants, housekeeping, paper_links
from app.services.alert_cards import Draft as AlertDraft
from app.values.alert import Rule
from app.values.errors import Busy, Forbidden, Invalid, NotFound
from app.watching import offer
from scheduler.jobs.alerts import check_due
from tests.channels.servers import Hook, hook_server, trusting
from tests.journeys.test_schedules import FIELDS
from tests.scheduler.office import Office
from tests.services.salient import PASSWORD
from tests.sweep.browser import Browser

HOSTS = ("localhost",)


@pytest.fixture
def room() -> Iterator[Hook]:
    """Somebody's webhook on loopback."""
    with hook_server(Hook()) as opened:
        yield opened


@pytest.fixture
def wired(office: Office) -> Office:
    """An office whose channels trust the room's certificate."""
    post = Post(allowed=HOSTS, tls=trusting())
    office.desk = replace(
        office.desk,
        channels={**office.desk.channels, "slack": Slack(post), "teams": Teams(post), "webhook": Webhook(post)},
    )
    return office


def granted(office: Office, room: Hook, channel: str = "webhook", **more: Any) -> str:
    """Give leave for a room; returns what schedules call it."""
    given: dict[str, Any] = {"scope": [{"country": ["spain"]}], "name": "Sales room", "hosts": HOSTS, **more}
    with office.house.database.write() as session:
        ada = office.viewer("ada")
        grants.grant(session, ada, channel=channel, hook=room.address, now=office.clock(), **given)
        return next(text for text, name, _ in grants.channels(session, office.clock()) if name == given["name"])


def files_in(hook: Hook) -> list[dict[str, str]]:
    return list(hook.posted[-1]["files"])


def token_of(address: str) -> str:
    return address.rpartition("/")[2]


@pytest.mark.parametrize("channel", ["slack", "teams", "webhook"])
def test_a_room_is_told_of_its_pinned_rows_once_and_gets_a_link_to_each_file(
    wired: Office, room: Hook, channel: str
) -> None:
    recipient = granted(wired, room, channel)
    wired.schedule("erin", recipients=(recipient,))
    wired.tick(hours=1)
    wired.tick(minutes=10)
    assert len(room.posted) == 1
    told = str(room.posted[0])
    assert "How we stand" in told
    assert "/paper/" in told
    assert "/unsubscribe/" not in told
    with wired.house.database.read() as session:
        rows = {row.recipient: row for row in session.scalars(select(Delivery))}
    assert (rows[recipient].state, rows[recipient].channel) == ("sent", channel)
    assert "key=x" not in f"{rows[recipient].address} {rows[recipient].reason} {rows[recipient].name}"
    assert rows[wired.person("erin")].channel == "mail"
    with wired.house.database.read() as session:
        assert not [each for each in session.scalars(select(AuditEvent)) if "key=x" in str(each.detail)]


def test_a_link_hands_out_its_one_file_without_a_session_and_is_noted(wired: Office, room: Hook) -> None:
    wired.clock.at = datetime.now(UTC)
    wired.schedule("erin", recipients=(granted(wired, room),), recurrence="0 * * * *")
    wired.tick(hours=1)
    (file,) = files_in(room)
    stranger = create_app(wired.house).test_client()
    token = token_of(file["url"])
    assert stranger.head(f"/paper/{token}").status_code == 200
    answer = stranger.get(f"/paper/{token}")
    assert answer.status_code == 200
    assert file["name"] in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    assert "Country: Spain" in answer.text
    for other in ("", token[:-1], f"{token}x", "x" * 43):
        gone = stranger.get(f"/paper/{other}")
        assert gone.status_code in (401, 302, 404)
        assert file["name"] not in gone.text
    assert stranger.post(f"/paper/{token}").status_code != 200
    assert stranger.get("/d/overview").status_code == 302
    with wired.house.database.read() as session:
        fetched = [each for each in session.scalars(select(AuditEvent)) if each.action == "paper-link.fetched"]
        assert len(fetched) == 1
        assert token not in str([each.detail for each in session.scalars(select(AuditEvent))])
        assert token not in str([vars(each) for each in session.scalars(select(PaperLink))])


def test_a_link_ends_after_a_day_with_its_leave_and_with_whoever_gave_it(wired: Office, room: Hook) -> None:
    recipient = granted(wired, room)
    wired.schedule("erin", recipients=(recipient,))
    home = wired.house.settings.home.resolve()

    def fetched(token: str) -> bool:
        try:
            with wired.house.database.write() as session:
                paper_links.fetch(session, home, token, now=wired.clock())
        except NotFound:
            return False
        return True

    wired.tick(hours=1)
    first = token_of(files_in(room)[0]["url"])
    wired.clock.pass_by(hours=23)
    with wired.house.database.write() as session:
        housekeeping.forget(session, wired.clock())
    with wired.house.database.write() as session:
        documents.sweep(session, home)
    assert fetched(first)
    wired.clock.pass_by(hours=1)
    assert not fetched(first)
    wired.tick()
    second = token_of(files_in(room)[0]["url"])
    assert fetched(second)
    with wired.house.database.write() as session:
        accounts.change_rights(session, "cli", "otto@salient.example", role="administrator")
        accounts.disable_user(session, "cli", "ada@salient.example")
    assert not fetched(second)
    with wired.house.database.write() as session:
        accounts.enable_user(session, "cli", "ada@salient.example")
    assert fetched(second)
    with wired.house.database.write() as session:
        (card,) = grants.listed(session, wired.viewer("ada"))
        grants.revoke(session, wired.viewer("ada"), card.id, now=wired.clock())
    assert not fetched(second)


def test_a_link_is_not_fetched_without_end(wired: Office, room: Hook) -> None:
    wired.schedule("erin", recipients=(granted(wired, room),))
    wired.tick(hours=1)
    token, home = token_of(files_in(room)[0]["url"]), wired.house.settings.home.resolve()
    for _ in range(paper_links.MOST_AN_HOUR):
        with wired.house.database.write() as session:
            paper_links.fetch(session, home, token, now=wired.clock())
    with pytest.raises(Busy), wired.house.database.write() as session:
        paper_links.fetch(session, home, token, now=wired.clock())
    wired.clock.pass_by(hours=1)
    with wired.house.database.write() as session:
        paper_links.fetch(session, home, token, now=wired.clock())


def test_a_file_too_large_for_the_mail_of_somebody_outside_comes_as_a_link(office: Office) -> None:
    office.house = replace(office.house, settings=replace(office.house.settings, mail_megabytes=0))
    office.desk = replace(office.desk, house=office.house)
    with office.house.database.write() as session:
        grants.grant(
            session, office.viewer("ada"), address="ann@partner.example", scope=[{"country": ["spain"]}],
            link_hours=48, now=office.clock(),
        )  # fmt: skip
    office.schedule(recipients=("address:ann@partner.example",))
    office.tick(hours=1)
    (message,) = office.box.messages
    body = message.get_body(("plain",))
    assert body is not None
    (link,) = [word for word in body.get_content().split() if "/paper/" in word]
    office.clock.pass_by(hours=47)
    with office.house.database.write() as session:
        found = paper_links.fetch(session, office.house.settings.home.resolve(), token_of(link), now=office.clock())
    assert b"Country: Spain" in found.content


def test_a_room_whose_leave_is_taken_away_is_sent_nothing_and_nobody_may_choose_it(wired: Office, room: Hook) -> None:
    recipient = granted(wired, room)
    wired.schedule("erin", recipients=(recipient,))
    with wired.house.database.write() as session:
        (card,) = grants.listed(session, wired.viewer("ada"))
        grants.revoke(session, wired.viewer("ada"), card.id, now=wired.clock())
    wired.tick(hours=1)
    assert room.posted == []
    assert wired.deliveries()[recipient][0] == "skipped"
    with pytest.raises(Forbidden):
        wired.schedule("erin", recipients=(recipient,))
    # Leave given anew is for the same room: what was scheduled goes on.
    assert granted(wired, room) == recipient
    wired.tick(hours=24)
    assert len(room.posted) == 1


def test_a_room_that_is_away_is_tried_again(wired: Office, room: Hook) -> None:
    recipient = granted(wired, room)
    wired.schedule(recipients=(recipient,))
    room.status = 503
    wired.tick(hours=1)
    room.status = 200
    wired.tick(minutes=2)
    assert len(room.posted) == 2
    assert room.posted[0]["id"] == room.posted[1]["id"]
    assert wired.deliveries()["localhost"] == ("sent", "")


def test_leave_for_a_room_is_an_administrators_to_give_and_needs_a_name_and_a_hook(office: Office, room: Hook) -> None:
    with pytest.raises(Forbidden), office.house.database.write() as session:
        grants.grant(session, office.viewer("dirk"), channel="slack", hook=room.address, scope=[{}], name="X")
    for wrong in ({"name": ""}, {"hook": "http://example.com/x"}, {"channel": "pigeon"}, {"link_hours": 169}):
        given: dict[str, Any] = {"channel": "slack", "hook": room.address, "name": "X", "scope": [{}], **wrong}
        with pytest.raises(Invalid), office.house.database.write() as session:
            grants.grant(session, office.viewer("ada"), **given)


def test_an_alert_is_told_into_a_room_of_its_own_rows(wired: Office, room: Hook) -> None:
    recipient = granted(wired, room, "slack")
    rule = Rule("net_sales", "threshold", Decimal(1), "above")
    draft = AlertDraft("Something sold", "/d/overview?period=2025", rule, (recipient,))
    now = wired.clock()
    with wired.house.database.write() as session:
        erin = wired.viewer("erin")
        alerts.create(session, erin, draft, offer(wired.house), today=date(2026, 11, 16), now=now)
    later = now + timedelta(minutes=1)
    check_due(wired.house, wired.desk.channels, "one", lambda: later)
    check_due(wired.house, wired.desk.channels, "two", lambda: later)
    assert len(room.posted) == 1
    assert "Something sold" in str(room.posted[0])


def test_ada_gives_leave_for_a_room_on_the_page_tries_it_and_dirk_chooses_it(office: Office) -> None:
    settings = replace(office.house.settings, hook_hosts=HOSTS)
    server = create_app(replace(office.house, settings=settings))
    ada, dirk = Browser(server), Browser(server)
    for browser, name in ((ada, "ada"), (dirk, "dirk")):
        assert browser.sign_in(f"{name}@salient.example", PASSWORD).status_code == 302
    fields = {"do": "grant", "channel": "slack", "name": "Sales room", "rows": "country=spain", "hours": "48"}

    def post(browser: Browser, path: str, **more: str) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.client.get("/account").text)
        assert token
        return browser.client.post(path, data={**more, "csrf_token": token[1]})

    with hook_server(Hook(), tls=False) as room:
        assert post(dirk, "/admin/outside", **fields, address=room.address).status_code == 403
        refused = post(ada, "/admin/outside", **fields, address="https://192.168.0.7/x")
        assert (refused.status_code, "private network" in refused.text) == (400, True)
        assert post(ada, "/admin/outside", **fields, address=room.address).status_code == 302
        page = ada.client.get("/admin/outside").text
        assert "Sales room" in page
        assert "key=x" not in page
        number = re.search(r'name="id" value="([^"]+)"', page)
        assert number
        assert post(ada, "/admin/outside", do="try", id=number[1]).status_code == 302
        assert "A try from Salient" in str(room.posted[-1])
        room.status = 410
        tried = post(ada, "/admin/outside", do="try", id=number[1])
        assert (tried.status_code, "was not reached" in tried.text) == (400, True)
    for path in ("/schedules/new?view=/d/overview", "/alerts/new?view=/d/overview"):
        page = dirk.client.get(path).text
        assert "Sales room (Slack)" in page
        assert "key=x" not in page
    found = re.search(r'value="(channel:[0-9a-f]{32})"', page)
    assert found
    wanted = {**FIELDS, "recipient": found[1]}
    assert post(dirk, "/schedules/new", **wanted).status_code == 302
    assert post(dirk, "/schedules/new", **{**wanted, "recipient": "channel:" + "0" * 32}).status_code == 403
