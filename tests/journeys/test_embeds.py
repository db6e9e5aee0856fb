"""A frame on another site shows what was granted, to whom it was granted, and whatever else it asks for is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.assembly import House
from app.factory import create_app
from app.models.embed import EmbedGrant
from app.services import embed_keys, embeds
from app.services.embeds import GrantCard, Wanted
from app.web.frames import HEADER
from tests.journeys.conftest import SignedIn
from tests.services.salient import PASSWORD
from tests.sweep.browser import DISPATCH, Browser, name_of, payload
from tests.sweep.test_doors import ways_in

VIEW = "/d/overview?period=2025"
SITE = "https://portal.example.com"
WIDE: dict[str, Any] = {"capabilities": ["filter", "drill", "rows", "export"]}


class Portal(Browser):
    """The browser of somebody on another site, without a session, that was given the address of an embed."""

    def __init__(self, server: Flask, grant: str) -> None:
        super().__init__(server)
        self.place = f"/embed/{grant}"
        self.marks: dict[str, str] = {}

    def enter(self, **proof: str) -> TestResponse:
        """Exchange what the frame has for a token."""
        came = self.client.post(f"{self.place}/token", json=proof)
        if came.status_code == 200:
            self.marks = {HEADER: came.get_json()["token"]}
        return came

    def calls(self, name: str, view: str = VIEW, panel: str = "variance", **values: object) -> TestResponse:
        board = view.split("/")[2].split("?")[0]
        at = {"place": [board, None, "1", 0], "view": view}
        asked = {"at": at, "grid-of": {"view": view}, **{key.replace("_", "-"): each for key, each in values.items()}}
        body = payload(self.callbacks()[name], asked, dashboard=board, panel=panel, row=0).payload
        headers = {"Content-Type": "application/json", **self.marks}
        return self.client.post(DISPATCH, data=body, headers=headers)

    def drawn(self, name: str, view: str = VIEW, panel: str = "variance", **values: object) -> str:
        """What a callback changes in the page, as text; empty where it was refused."""
        answer = self.calls(name, view, panel, **values)
        changes = dict((answer.get_json(silent=True) or {}).get("response") or {})
        return json.dumps(changes) if changes else ""

    def callbacks(self) -> dict[str, Any]:
        found = self.client.get("/_dash-dependencies", headers=self.marks).get_json()
        return {name_of(each): each for each in found if each["clientside_function"] is None}


def granted(house: House, who: str = "erin", view: str = VIEW, **given: Any) -> GrantCard:
    with house.database.write() as session:
        maker = house.viewer_named(f"{who}@salient.example")
        return embeds.grant(session, maker, Wanted("Portal", view, [SITE], **given))


def entered(server: Flask, grant: str, **proof: str) -> Portal:
    portal = Portal(server, grant)
    assert portal.enter(**proof).status_code == 200
    return portal


@pytest.fixture
def two_customers(house: House) -> tuple[str, str]:
    """The keys of two customers with sales in the year of the view."""
    erin = house.viewer_named("erin@salient.example")
    first, second = house.asker.members("customer", erin.context, limit=2)
    return first.key, second.key


def test_a_frame_draws_what_was_granted_without_a_cookie(server: Flask, house: House) -> None:
    card = granted(house)
    portal = Portal(server, card.id)
    page = portal.client.get(portal.place, headers={"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.split("frame-ancestors ")[1].split(";")[0] == SITE
    assert "X-Frame-Options" not in page.headers
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert portal.enter().status_code == 200
    frame = json.loads(portal.drawn("main", url=f"http://localhost{portal.place}", at=None))
    assert frame["main"]["data-view"] == VIEW
    for name in ("answer", "cards", "lede", "twin"):
        drawn = portal.drawn(name, twin=True)
        assert len(drawn) > 200, name
        assert '"href"' not in drawn, name
        assert "explain" not in drawn, name
    answers = [page, portal.enter(), portal.client.get("/_dash-layout", headers=portal.marks), portal.calls("answer")]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_only_the_granted_sites_frame_it_and_nobody_opens_it_alone(server: Flask, house: House) -> None:
    portal = Portal(server, granted(house).id)
    preview = portal.client.get(portal.place, headers={"Sec-Fetch-Site": "same-origin"})
    assert preview.headers["Content-Security-Policy"].endswith(f"frame-ancestors {SITE} 'self'")
    alone = portal.client.get(portal.place, headers={"Sec-Fetch-Dest": "document"})
    assert (alone.status_code, "inside of another" in alone.text) == (403, True)
    unknown = portal.client.get("/embed/nosuchgrant0")
    assert (unknown.status_code, unknown.headers["Content-Security-Policy"][-6:]) == (404, "'none'")
    assert portal.client.get("/login").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    for origin in ("https://evil.example", "null", SITE):
        came = portal.client.post(f"{portal.place}/token", json={}, headers={"Origin": origin})
        assert came.status_code == 403


def test_a_guest_reaches_only_the_granted_panel_whatever_the_body_claims(server: Flask, house: House) -> None:
    card = granted(house, view="/d/overview/variance?period=2025", **WIDE)
    portal = entered(server, card.id)
    own = "/d/overview/variance?period=2025"
    assert "customdata" in portal.drawn("answer", own)
    for view, panel in ((VIEW, "variance"), (own, "trend"), ("/d/sales?period=2025", "by-month"), (own, "net-sales")):
        assert "customdata" not in portal.drawn("answer", view, panel), (view, panel)
        assert portal.drawn("rows", view, panel, rows_asked={"panel": panel}) == "" or panel == "variance"
    assert "Net sales" not in portal.drawn("cards", own)
    assert portal.drawn("cards", VIEW) == ""


@pytest.mark.parametrize(
    "view",
    [
        "/d/overview?period=2025",
        "/d/overview?period=2025&category=!services",
        "/d/overview?period=2025&category=services,bikes",
        "/d/overview?period=2024&category=services",
        "/d/overview?period=2025&category=services&versus=2009",
        "/d/overview?period=2025&category=services&drill=year:2009",
    ],
)
def test_locked_parameters_are_changed_by_no_address_body_or_gesture(server: Flask, house: House, view: str) -> None:
    locked = "/d/overview?period=2025&category=services"
    portal = entered(server, granted(house, view=locked, locked=["category", "period"], **WIDE).id)
    assert "customdata" in portal.drawn("answer", locked)
    frame = portal.drawn("main", url=f"http://localhost{portal.place}{view}", at=None)
    assert "not part of what may be shown" in frame
    assert "customdata" not in portal.drawn("answer", view)
    for name in ("cards", "lede", "rows", "grid", "filter-members", "narrow"):
        asked: dict[str, Any] = {"rows_asked": {"panel": "variance"}, "narrow_due": True}
        asked["grid"] = {"startRow": 0, "endRow": 9}
        assert "rowData" not in portal.drawn(name, view, filter_level="customer", **asked), name
    for ending in ("/d/overview/variance.csv", "/d/overview.csv", "/d/overview/variance.rows.csv"):
        query = view.partition("?")[2]
        assert portal.client.get(f"{ending}?{query}", headers=portal.marks).status_code == 403
    mark = {"level": "category", "key": "bikes", "gesture": "only"}
    assert "bikes" not in portal.drawn("mark", locked, mark=mark)


def test_what_is_left_open_is_drilled_filtered_listed_and_taken_away(server: Flask, house: House) -> None:
    portal = entered(server, granted(house, **WIDE).id)
    market = house.asker.members("market", house.viewer_named("erin@salient.example").context)[0].key
    deeper = f"/d/overview?period=2025&drill=market:{market}"
    led = portal.drawn("mark", mark={"level": "market", "key": market, "gesture": "drill"})
    assert f"{portal.place}{deeper}" in led
    frame = json.loads(portal.drawn("main", url=f"http://localhost{portal.place}{deeper}", at=None))
    assert frame["main"]["data-view"] == deeper
    assert f"{portal.place}/d/overview" in json.dumps(frame["picks"])
    assert "customdata" in portal.drawn("answer", deeper)
    grid = {"startRow": 0, "endRow": 9, "sortModel": [], "filterModel": {}}
    assert "rowCount" in portal.drawn("grid", deeper, grid=grid)
    assert "@" not in json.loads(portal.calls("grid", deeper, grid=grid).text)["response"]["grid"].__repr__()
    assert portal.client.get("/d/overview/variance.csv?period=2025", headers=portal.marks).status_code == 200
    assert portal.client.get("/d/overview/variance.rows.csv?period=2025", headers=portal.marks).status_code == 200
    assert portal.client.get("/d/sales.csv?period=2025", headers=portal.marks).status_code == 403


def test_capabilities_are_kept_by_the_server(server: Flask, house: House) -> None:
    portal = entered(server, granted(house).id)
    asked: dict[str, Any] = {
        "rows_asked": {"panel": "variance"},
        "explain_asked": {"panel": "variance"},
        "mark": {"level": "region", "key": "iberia", "gesture": "drill"},
        "grid": {"startRow": 0, "endRow": 9, "sortModel": [], "filterModel": {}},
        "search": "german",
        "views_asked": {},
        "save_asked": {},
        "keep": {"act": "link"},
        "displays_asked": {},
        "tour_seen": {},
        "narrow_due": True,
        "filter_level": "customer",
        "range_asked": {"from": "2009-01-01", "to": "2009-02-01"},
    }
    shown = {"main", "answer", "cards", "lede", "twin"}
    for name in sorted(set(portal.callbacks()) - shown):
        drawn = portal.drawn(name, **asked)
        assert set(json.loads(drawn or "{}")) <= {"notices"}, name
    for path in ("/d/overview.csv?period=2025", "/d/overview/variance.pdf?period=2025"):
        assert portal.client.get(path, headers=portal.marks).status_code == 403
    files = entered(server, granted(house, capabilities=["export"]).id)
    assert files.client.get("/d/overview.csv?period=2025", headers=files.marks).status_code == 200
    assert files.client.get("/d/overview/variance.rows.csv?period=2025", headers=files.marks).status_code == 403


def test_two_customers_see_their_own_rows(server: Flask, house: House, two_customers: tuple[str, str]) -> None:
    key, private = _key(house)
    card = granted(house, key=key, **WIDE)
    seen = []
    for customer in two_customers:
        signed = _assertion(private, key, card.id, where={"customer": customer}, jti=customer)
        portal = entered(server, card.id, assertion=signed)
        rows = portal.client.get("/d/overview/variance.rows.csv?period=all", headers=portal.marks)
        assert rows.status_code == 200
        seen.append(rows.text)
        listed = portal.drawn("filter-members", filter_level="customer", narrow_due=True)
        assert customer in listed
        assert next(each for each in two_customers if each != customer) not in listed
    assert two_customers[0] in seen[0]
    assert two_customers[1] not in seen[0]
    assert two_customers[1] in seen[1]
    assert two_customers[0] not in seen[1]
    assert Portal(server, card.id).enter().status_code == 404
    assert Portal(server, card.id).enter(assertion=signed).status_code == 404


@pytest.mark.parametrize(
    "token",
    [
        "",
        "none",
        "a.b.c",
        "x" * 5000,
        "of another audience",
        "of another algorithm",
        "tampered",
        "expired",
        "an assertion",
    ],
)
def test_a_token_that_is_not_ours_never_falls_back_to_a_cookie(
    server: Flask, house: House, signed_in: SignedIn, token: str
) -> None:
    card, erin = granted(house), signed_in("erin")
    portal = entered(server, card.id)
    right = portal.marks[HEADER]
    claims, key = jwt.decode(right, options={"verify_signature": False}), _front_key(house)
    key_id, private = _key(house)
    old = datetime.now(UTC) - timedelta(minutes=6)
    text = {
        "of another audience": jwt.encode({**claims, "aud": "salient-embed-preview"}, key, algorithm="HS256"),
        "of another algorithm": jwt.encode(claims, key, algorithm="HS512"),
        "tampered": f"{right[:-6]}AAAAAA",
        "expired": jwt.encode({**claims, "iat": int(old.timestamp()), "exp": int(old.timestamp()) + 300}, key),
        "an assertion": _assertion(private, key_id, card.id),
    }.get(token, token)
    for client in (portal.client, erin.client):
        for path in ("/_dash-layout", "/_dash-dependencies", "/stand", "/", "/d/overview.csv", "/api/v1/catalogue"):
            assert client.get(path, headers={HEADER: text}).status_code == 401, path
        body = payload(portal.callbacks()["lede"], {"at": {"view": VIEW}}).payload
        headers = {"X-CSRFToken": erin.token, "Content-Type": "application/json", HEADER: text}
        assert client.post(DISPATCH, data=body, headers=headers).status_code == 401
    assert portal.client.get("/stand", headers={HEADER: right}).status_code == 200


def test_a_token_of_one_embed_opens_no_other_route(server: Flask, house: House, signed_in: SignedIn) -> None:
    portal, other = (
        entered(server, granted(house, capabilities=["filter", "drill", "rows"]).id),
        granted(house, view="/d/sales"),
    )
    opened = {"/_dash-layout", "/_dash-dependencies", "/stand", DISPATCH}
    erin = signed_in("erin")
    for client in (portal.client, erin.client):
        for rule, method, path in ways_in(_Doors(server)):  # type: ignore[arg-type]
            open_to_all = rule.startswith(
                ("/embed/", "/assets/", "/vendor/", "/_dash-component-suites/", "/unsubscribe")
            )
            if open_to_all or path in opened or path in ("/login", "/login.css", "/login.js", "/healthz", "/readyz"):
                continue
            came = client.open(path, method=method, headers=portal.marks)
            told = f"{method} {path}: {came.status_code}"
            assert came.status_code in (401, 403, 404, 405) or (path == "/metrics" and came.status_code == 200), told
            assert "Set-Cookie" not in came.headers, told
    assert client.get("/", headers=portal.marks).status_code == 403
    assert "customdata" not in portal.drawn("answer", "/d/sales", "by-month")
    assert portal.client.get(f"/embed/{other.id}/d/overview", headers=portal.marks).status_code == 200
    assert "/d/sales" in portal.client.get(f"/embed/{other.id}", headers=portal.marks).text


def test_an_embed_that_is_taken_away_or_over_is_refused_on_the_next_request(server: Flask, house: House) -> None:
    card = granted(house)
    portal = entered(server, card.id)
    erin = house.viewer_named("erin@salient.example")
    elsewhere = replace_client(portal, create_app(house))
    assert elsewhere.client.get("/stand", headers=portal.marks).status_code == 200
    with house.database.write() as session:
        embeds.revoke(session, erin, card.id)
    for each in (portal, elsewhere):
        came = each.client.get("/stand", headers=portal.marks)
        assert (came.status_code, "no longer" in came.get_json()["detail"]) == (401, True)
        assert each.client.post(DISPATCH, json={}, headers=portal.marks).status_code == 401
        assert each.enter().status_code == 404
    gone = portal.client.get(portal.place)
    assert (gone.status_code, "no longer" in gone.text) == (404, True)
    assert gone.headers["Content-Security-Policy"].endswith(f"frame-ancestors {SITE}")
    late = granted(house)
    guest = entered(server, late.id)
    with house.database.write() as session:
        over = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(EmbedGrant).where(EmbedGrant.id == late.id).values(expires_at=over))
    assert guest.client.get("/stand", headers=guest.marks).status_code == 401


def test_a_key_that_is_taken_away_ends_what_it_signed(server: Flask, house: House) -> None:
    key, private = _key(house)
    card = granted(house, key=key)
    portal = entered(server, card.id, assertion=_assertion(private, key, card.id))
    with house.database.write() as session:
        embed_keys.revoke(session, house.viewer_named("erin@salient.example"), key)
    assert portal.client.get("/stand", headers=portal.marks).status_code == 401
    again = _assertion(private, key, card.id, jti="another")
    assert Portal(server, card.id).enter(assertion=again).status_code == 404


def test_a_frame_speaks_the_language_of_its_grant(server: Flask, house: House) -> None:
    portal = entered(server, granted(house, locale="de", theme="dark").id)
    page = portal.client.get(portal.place, headers={"Accept-Language": "fr"})
    assert '<html lang="de"' in page.text
    assert '"theme": "dark"' in page.text
    assert "umsatz" in portal.drawn("lede") + portal.drawn("cards")


@pytest.mark.parametrize(
    "body", ["", "[]", "7", '{"assertion": 1}', '{"token": "x"}', '{"assertion":"a","ticket":"b"}']
)
def test_odd_exchanges_are_refused(server: Flask, house: House, body: str) -> None:
    place = f"/embed/{granted(house).id}/token"
    browser = Browser(server)
    assert browser.client.post(place, data=body, content_type="application/json").status_code == 400
    assert browser.client.post(place, data="x" * 20_000, content_type="application/json").status_code in (400, 413)
    assert browser.client.post(place, json={"ticket": "a.b.c"}).status_code == 404


def test_no_token_appears_in_a_log_or_an_address(server: Flask, house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    key, private = _key(house)
    card = granted(house, key=key)
    signed = _assertion(private, key, card.id)
    portal = entered(server, card.id, assertion=signed)
    portal.drawn("answer")
    portal.enter(assertion=signed)
    portal.client.get("/account", headers=portal.marks)
    assert not any(text in caplog.text for text in (signed, portal.marks[HEADER], signed.split(".")[2]))


class _Doors:
    def __init__(self, server: Flask) -> None:
        self.server = server


def replace_client(portal: Portal, server: Flask) -> Portal:
    """The same frame in front of another process."""
    return Portal(server, portal.place.rpartition("/")[2])


def _key(house: House) -> tuple[str, str]:
    with house.database.write() as session:
        card, private = embed_keys.add(session, house.viewer_named("erin@salient.example"), "Portal")
    return card.id, private


def _assertion(private: str, key: str, grant: str, **changed: Any) -> str:
    made = int(datetime.now(UTC).timestamp())
    claims = {"iss": key, "aud": "salient", "grant": grant, "sub": "ann", "jti": "1", "where": {}}
    return jwt.encode({**claims, "iat": made, "exp": made + 300, **changed}, private, algorithm="EdDSA")


def _front_key(house: House) -> str:
    from app.factory import _front_door

    return _front_door(house).key_for("embed tokens")


def test_erin_makes_an_embed_on_its_page_previews_it_and_takes_it_away(
    house: House, signed_in: SignedIn, two_customers: tuple[str, str]
) -> None:
    erin = signed_in("erin")
    form = {
        "name": "Hall",
        "view": VIEW,
        "origins": SITE,
        "days": "90",
        "level": "customer",
        "members": two_customers[0],
    }
    form |= {"capability": "drill", "locked": "period", "theme": "auto", **erin.hidden(f"/embeds/new?view={VIEW}")}
    made = erin.client.post("/embeds/new", data={**form, "view": VIEW})
    assert made.status_code == 302, made.text
    place = made.headers["Location"].partition("?")[0]
    shown = erin.client.get(place).text
    assert "&lt;iframe data-salient src=" in shown
    preview = erin.client.get(
        f"{place}/preview?where=customer={two_customers[0]}&where=customer={two_customers[1]}"
    ).text
    assert preview.count("<iframe data-salient") == 2
    assert preview.count("#ticket=") == 2
    ticket = preview.split("#ticket=")[1].split('"')[0]
    assert entered(erin.client.application, place.rpartition("/")[2], ticket=ticket).drawn("answer")
    other = granted(house)
    assert Portal(erin.client.application, other.id).enter(ticket=ticket).status_code == 404
    wrong = erin.client.post("/embeds/new", data={**form, "view": VIEW, "origins": "http://portal.example.com"})
    assert (wrong.status_code, "is not a site" in wrong.text) == (400, True)
    assert erin.client.post(place, data={**erin.hidden(place), "do": "revoke"}).status_code == 302
    assert "Taken away" in erin.client.get("/embeds").text
    assert erin.client.get(f"{place}/preview").status_code == 404


def test_a_key_is_made_with_a_fresh_password_and_told_once(server: Flask) -> None:
    erin = Browser(server)
    erin.sign_in("erin@salient.example", PASSWORD)
    token = erin.hidden("/embeds")
    made = erin.client.post("/embeds/keys", data={**token, "name": "Portal", "do": "make"})
    assert "BEGIN PRIVATE KEY" in made.text
    assert "PRIVATE KEY" not in erin.client.get("/embeds").text


def test_who_may_not_embed_has_no_page_of_it(signed_in: SignedIn) -> None:
    for name in ("sam", "otto"):
        assert signed_in(name).client.get("/embeds").status_code == 403
        assert "/embeds" not in signed_in(name).client.get("/account").text
