"""Headers, cookies, health, errors, and the account and users pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from app.services import accounts, ledger
from app.web.front import Readiness
from tests.web.conftest import PASSWORD, Browser, SmallHouse, build

NEW = "seven brass candlesticks"


def test_every_answer_carries_the_headers(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    stranger = small.browser()
    answers = [
        erin.get(path) for path in ("/", "/account", "/nowhere", "/_dash-layout", "/admin/users", "/assets/none.css")
    ]
    answers += [stranger.get(path) for path in ("/login", "/", "/_dash-layout", "/healthz", "/login.css")]
    answers += [stranger.post("/login", data={}), erin.call("made-up.children"), erin.post("/healthz")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in policy
        scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "'unsafe-inline'" not in scripts
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Permissions-Policy" in answer.headers
        assert len(answer.headers["X-Request-ID"]) == 12


def test_the_hashes_of_dashs_scripts_are_in_the_policy(small: SmallHouse) -> None:
    policy = small.browser().get("/login").headers["Content-Security-Policy"]
    assert all(mark in policy for mark in small.dash.csp_hashes())


def test_personal_answers_are_not_kept_and_static_ones_are(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    for path in ("/", "/account", "/_dash-layout", "/_dash-dependencies", "/nowhere"):
        assert erin.get(path).headers["Cache-Control"] == "no-store"
    assert erin.call().headers["Cache-Control"] == "no-store"
    assert small.browser().get("/_dash-component-suites/dash/x.js").headers["Cache-Control"] == "no-store"
    assert "immutable" in small.browser().get("/login.css?v=1").headers["Cache-Control"]


def test_the_cookie_under_https_is_tied_to_the_host(production: SmallHouse) -> None:
    erin = production.browser()
    page = erin.get("/login")
    [cookie] = [value for value in page.headers.getlist("Set-Cookie") if "salient" in value]
    assert cookie.startswith("__Host-salient=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert erin.sign_in("erin@salient.example").status_code == 302
    assert erin.get("/").status_code == 200


def test_the_cookie_on_loopback_has_a_plain_name(small: SmallHouse) -> None:
    page = small.browser().get("/login")
    [cookie] = page.headers.getlist("Set-Cookie")
    assert cookie.startswith("salient=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_a_page_without_a_form_sets_no_cookie_for_a_stranger(small: SmallHouse) -> None:
    for path in ("/healthz", "/", "/_dash-layout", "/login.css"):
        assert "Set-Cookie" not in small.browser().get(path).headers


def test_health_says_little_to_strangers(small: SmallHouse, production: SmallHouse) -> None:
    assert small.browser().get("/healthz").json == {"status": "ok"}
    assert small.browser().get("/readyz").json == {"status": "ready", "details": {"generation": 7}}
    far = production.server.test_client()
    far.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert far.get("/readyz").json == {"status": "ready"}
    assert far.get("/readyz", headers={"Authorization": "Bearer wrong"}).json == {"status": "ready"}
    told = far.get("/readyz", headers={"Authorization": "Bearer a token for the monitor"})
    assert told.json == {"status": "ready", "details": {"generation": 7}}
    assert far.get("/metrics").status_code == 401
    numbers = far.get("/metrics", headers={"Authorization": "Bearer a token for the monitor"}).text
    assert "salient_ready 1\n" in numbers
    assert "salient_generation 7\n" in numbers
    through_a_proxy = small.browser().get("/readyz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert through_a_proxy.json == {"status": "ready"}


@pytest.fixture
def sick(tmp_path: Path, template: Path) -> Iterator[SmallHouse]:
    """A house whose warehouse cannot be read."""

    def readiness() -> Readiness:
        raise OSError("/var/lib/secret/path is gone")

    house = build(tmp_path, template, readiness=readiness)
    yield house
    house.database.close()


def test_a_house_that_cannot_answer_is_alive_but_not_ready(sick: SmallHouse) -> None:
    assert sick.browser().get("/healthz").status_code == 200
    answer = sick.browser().get("/readyz")
    assert answer.status_code == 503
    assert "secret" not in answer.text


def test_a_lost_database_lets_nobody_in_and_says_so(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    erin = small.signed_in("erin")

    def lost(*_: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("gone"))

    monkeypatch.setattr("app.auth.sessions.find", lost)
    for path in ("/account", "/_dash-layout"):
        answer = erin.get(path)
        assert answer.status_code == 503
        assert "SELECT" not in answer.text
        assert "no-store" in answer.headers["Cache-Control"]


def test_an_accident_shows_a_reference_and_no_insides(small: SmallHouse, caplog: pytest.LogCaptureFixture) -> None:
    @small.server.get("/d/broken")
    def broken() -> str:
        raise RuntimeError("the secret connection string")

    answer = small.signed_in("erin").get("/d/broken?customer=ACME")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    reference = answer.headers["X-Request-ID"]
    assert reference in answer.text
    assert reference in caplog.text
    assert "ACME" not in caplog.text


def test_refusals_become_pages_for_people_and_problems_for_programs(small: SmallHouse) -> None:
    otto = small.signed_in("otto")
    page = otto.get("/admin/users")
    assert page.status_code == 403
    assert page.mimetype == "text/html"
    otto.get("/")
    problem = otto.call()
    assert problem.mimetype == "application/problem+json"
    assert otto.get("/api/none", headers={"Accept": "application/json"}).status_code in {200, 404}


def test_the_account_page_says_what_one_may_see(small: SmallHouse) -> None:
    assert "region:iberia" in small.signed_in("remy").get("/account").text
    mia = small.signed_in("mia").get("/account").text
    assert "cost and margin" in mia
    assert "all sales" in mia


def change(browser: Browser, current: str, new: str, again: str | None = None) -> int:
    return browser.submit(
        "/account", "/account/password", current=current, new=new, again=new if again is None else again
    ).status_code


def test_a_new_password_ends_all_other_sessions(small: SmallHouse) -> None:
    desk, phone = small.signed_in("sam"), small.signed_in("sam")
    token = desk.cookie()
    assert change(desk, PASSWORD, NEW) == 302
    assert desk.cookie() != token
    assert desk.get("/account").status_code == 200
    assert phone.get("/account").status_code == 302
    assert small.browser().sign_in("sam@salient.example").status_code == 401
    assert small.browser().sign_in("sam@salient.example", NEW).status_code == 302


def test_a_password_change_that_does_not_go(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    assert change(sam, "not my password", NEW) == 403
    assert change(sam, PASSWORD, "short") == 400
    assert change(sam, PASSWORD, "passwordpassword") == 400
    assert change(sam, PASSWORD, NEW, NEW + "!") == 400
    assert sam.get("/account").status_code == 200
    for _ in range(5):
        change(sam, "not my password", NEW)
    assert change(sam, PASSWORD, NEW) == 429


def test_all_sessions_can_be_ended(small: SmallHouse) -> None:
    desk, phone = small.signed_in("sam"), small.signed_in("sam")
    assert desk.submit("/account", "/account/end-sessions").status_code == 302
    assert desk.get("/").status_code == 302
    assert phone.get("/").status_code == 302


def test_an_administrator_manages_people(small: SmallHouse) -> None:
    ada = small.signed_in("ada")
    added = ada.submit(
        "/admin/users", do="add", email="Nia@x.example", name="Nia", role="rep", rep_key="R9", password=NEW
    )
    assert added.status_code == 302
    assert [ada.get(path).headers["Location"] for path in ("/admin", "/admin/")] == ["/admin/users"] * 2
    assert "nia@x.example" in ada.get("/admin/users").text
    nia = small.browser()
    assert nia.sign_in("nia@x.example", NEW).status_code == 302
    assert "R9" in nia.get("/account").text
    ada.submit("/admin/users", do="rights", email="nia@x.example", role="none")
    assert "no role yet" in nia.get("/account").text
    ada.submit("/admin/users", do="disable", email="nia@x.example")
    assert nia.get("/account").status_code == 302
    with small.database.read() as session:
        assert ledger.faults(session) == []


def test_nobody_else_manages_people(small: SmallHouse) -> None:
    for who in ("otto", "erin", "sam"):
        browser = small.signed_in(who)
        browser.get("/account")
        token = browser.hidden("/account")["csrf_token"]
        answer = browser.post(
            "/admin/users", data={"csrf_token": token, "do": "disable", "email": "ada@salient.example"}
        )
        assert answer.status_code == 403
    with small.database.read() as session:
        assert accounts.find_person(session, "ada@salient.example").active


def test_managing_people_needs_a_fresh_password(small: SmallHouse) -> None:
    ada = small.signed_in("ada")
    small.clock.go_on(minutes=6)
    answer = ada.submit("/admin/users", do="disable", email="sam@salient.example")
    assert answer.headers["Location"] == "/account/prove?next=/admin/users"
    assert ada.submit("/account/prove?next=/admin/users", "/account/prove", password="wrong").status_code == 403
    proved = ada.submit("/account/prove?next=/admin/users", "/account/prove", password=PASSWORD)
    assert proved.headers["Location"] == "/admin/users"
    assert ada.submit("/admin/users", do="disable", email="sam@salient.example").headers["Location"] == "/admin/users"
    with small.database.read() as session:
        assert not accounts.find_person(session, "sam@salient.example").active


def test_a_name_that_looks_like_markup_is_text(small: SmallHouse) -> None:
    with small.database.write() as session:
        accounts.add_user(
            session, "cli", email="m@x.example", name="<img src=x onerror=alert(1)>", role="rep", password=NEW
        )
    mallory = small.browser()
    mallory.sign_in("m@x.example", NEW)
    assert "<img" not in mallory.get("/account").text
    assert "<img" not in small.signed_in("ada").get("/admin/users").text
