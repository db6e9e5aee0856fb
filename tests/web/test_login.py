"""Signing in over HTTP: forms, sessions and cookies, guessing, and what does not tell who exists."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.auth.sessions import hash_of
from app.models.session import BrowserSession
from app.services import accounts
from tests.web.conftest import PASSWORD, SmallHouse, build


def shape(page: str) -> str:
    """A page without what is random (tokens) or typed (the address)."""
    return re.sub(r'(name="csrf_token" value|name="email"[^>]*value)="[^"]*"', "", page)


def sessions_of(house: SmallHouse) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(BrowserSession)) or 0


def test_otto_and_nobody_at_the_door(small: SmallHouse) -> None:
    assert small.browser().get("/account").status_code == 302
    assert small.signed_in("otto").get("/account").status_code == 200


def test_erin_signs_in_and_lands_where_she_wanted_to_go(small: SmallHouse) -> None:
    erin = small.browser()
    asked = erin.get("/d/sales?period=2013&drill=region:emea")
    assert asked.status_code == 302
    answer = erin.sign_in("  Erin@SALIENT.example ", path=asked.headers["Location"])
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/d/sales?period=2013&drill=region:emea"
    assert erin.get("/d/sales").status_code == 200


def test_a_next_elsewhere_leads_home(small: SmallHouse) -> None:
    answer = small.browser().submit(
        "/login?next=//evil.example", "/login", email="erin@salient.example", password=PASSWORD
    )
    assert answer.headers["Location"] == "/"
    erin = small.browser()
    fields = {
        **erin.hidden("/login"),
        "next": "https://evil.example",
        "email": "erin@salient.example",
        "password": PASSWORD,
    }
    assert erin.post("/login", data=fields).headers["Location"] == "/"


def test_a_wrong_password_an_unknown_and_a_disabled_account_look_alike(small: SmallHouse) -> None:
    with small.database.write() as session:
        accounts.disable_user(session, "cli", "mia@salient.example")
        accounts.add_user(session, "cli", email="new@salient.example", name="New", role="rep")
    tries = (
        ("erin@salient.example", "not her password at all"),
        ("nobody@salient.example", PASSWORD),
        ("mia@salient.example", PASSWORD),
        ("new@salient.example", PASSWORD),
        ("", ""),
        ("x" * 400 + "@salient.example", PASSWORD),
        ("erin@salient.example\x00", PASSWORD),
    )
    answers = [small.browser().sign_in(email, password) for email, password in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({shape(answer.text) for answer in answers}) == 1
    assert len({tuple(sorted(set(answer.headers.keys()))) for answer in answers}) == 1


def test_an_unknown_account_costs_the_same_hashing(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.auth import passwords

    class Counting:
        """Counts what the real hasher verifies."""

        def __init__(self) -> None:
            self.inner, self.hashes = passwords._HASHER, list[str]()

        def verify(self, kept: str, password: str) -> bool:
            self.hashes.append(kept)
            return self.inner.verify(kept, password)

    counting = Counting()
    monkeypatch.setattr(passwords, "_HASHER", counting)
    for email in ("erin@salient.example", "nobody@salient.example"):
        small.browser().sign_in(email, "wrong wrong wrong wrong")
    assert len(counting.hashes) == 2
    # The same algorithm and costs, so the same time.
    assert len({kept.split("$")[1:4].__str__() for kept in counting.hashes}) == 1


def test_a_new_token_is_given_at_sign_in(small: SmallHouse) -> None:
    erin = small.browser()
    erin.get("/login")
    before = erin.cookie()
    erin.sign_in("erin@salient.example")
    after = erin.cookie()
    assert before is not None
    assert after is not None
    assert before != after


def test_a_planted_token_never_becomes_a_session(small: SmallHouse) -> None:
    planted = "A" * 43
    erin = small.browser()
    erin.client.set_cookie("salient", planted, domain="localhost")
    erin.sign_in("erin@salient.example")
    assert erin.cookie() != planted
    thief = small.browser()
    thief.client.set_cookie("salient", planted, domain="localhost")
    assert thief.get("/").status_code == 302


def test_the_token_is_random_and_only_its_hash_is_kept(small: SmallHouse) -> None:
    tokens = [small.signed_in("erin").cookie() or "" for _ in range(2)]
    assert tokens[0] != tokens[1]
    assert all(len(token) == 43 for token in tokens)
    with small.database.read() as session:
        kept = set(session.scalars(select(BrowserSession.token_hash)))
    assert {hash_of(token) for token in tokens} <= kept
    assert not set(tokens) & kept


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token + "x",
        lambda token: "",
        lambda token: token.swapcase(),
        lambda token: "é" * 43,
    ],
)
def test_a_tampered_token_is_nobodys(small: SmallHouse, change: object) -> None:
    token = small.signed_in("erin").cookie() or ""
    thief = small.browser()
    thief.client.set_cookie("salient", change(token), domain="localhost")  # type: ignore[operator]
    assert thief.get("/").status_code == 302
    assert thief.get("/_dash-layout").status_code == 401


def test_a_session_ends_after_thirty_idle_minutes(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    small.clock.go_on(minutes=29)
    assert erin.get("/").status_code == 200
    small.clock.go_on(minutes=29)
    assert erin.get("/").status_code == 200
    small.clock.go_on(minutes=30)
    assert erin.get("/").status_code == 302


def test_a_session_ends_after_twelve_hours_however_busy(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    for _ in range(35):
        small.clock.go_on(minutes=20)
        assert erin.get("/account").status_code == 200
    small.clock.go_on(minutes=20)
    assert erin.get("/account").status_code == 302


def test_a_timer_is_no_sign_of_life(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    for _ in range(3):
        small.clock.go_on(minutes=8)
        assert erin.call("tick.children").status_code == 200
        assert erin.call("out.children", **{"X-Salient-Timer": "1"}).status_code == 200
        erin.get("/assets/nothing.css")
    small.clock.go_on(minutes=8)
    assert erin.call("tick.children").status_code == 401


def test_a_person_working_is_a_sign_of_life(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    for _ in range(6):
        small.clock.go_on(minutes=20)
        assert erin.call("out.children").status_code == 200


def test_logging_out_ends_every_session_at_once(small: SmallHouse) -> None:
    desk, phone = small.signed_in("erin"), small.signed_in("erin")
    sam = small.signed_in("sam")
    phone.get("/")
    token = desk.cookie()
    assert desk.get("/logout").status_code == 200
    assert desk.get("/").status_code == 200
    assert desk.submit("/logout").status_code == 302
    assert desk.cookie() != token
    assert desk.get("/").status_code == 302
    assert phone.call().status_code == 401
    assert sam.get("/").status_code == 200


def test_a_deactivated_person_is_out_with_the_next_request(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    sam.get("/")
    assert sam.call().status_code == 200
    with small.database.write() as session:
        accounts.disable_user(session, "cli", "sam@salient.example")
    assert sam.call().status_code == 401
    assert sam.get("/").status_code == 302
    assert sam.sign_in("sam@salient.example").status_code == 401


def test_another_role_acts_with_the_next_request_and_the_next_page_gets_a_new_token(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    sam.get("/")
    sam.call()
    old = sam.cookie()
    with small.database.write() as session:
        accounts.change_rights(session, "cli", "sam@salient.example", role="executive")
    assert sam.call().status_code == 200
    assert small.asked[0].context.scope.levels == {"rep"}
    assert small.asked[1].context.scope.is_everything
    assert sam.get("/").status_code == 200
    assert sam.cookie() != old
    assert sam.call().status_code == 200
    small.clock.go_on(seconds=21)
    thief = small.browser()
    thief.client.set_cookie("salient", old or "", domain="localhost")
    assert thief.get("/").status_code == 302
    with small.database.write() as session:
        accounts.change_rights(session, "cli", "sam@salient.example", role="none")
    assert sam.call().status_code == 403


def test_keys_taken_away_leave_nothing_to_see(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    sam.get("/")
    with small.database.write() as session:
        accounts.change_rights(session, "cli", "sam@salient.example", rep_key="")
    sam.call()
    assert small.asked[-1].context.scope.is_nothing


def test_an_edited_role_acts_on_its_holders_next_request(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    assert erin.call().status_code == 200
    epoch = small.asked[-1].context.epoch
    with small.database.write() as session:
        accounts.change_role(
            session, "cli", "executive", permissions=["dashboards"], masks=["cost"], scope_kind="nothing"
        )
    assert erin.call().status_code == 200
    assert small.asked[-1].context.masks == {"cost"}
    assert small.asked[-1].context.scope.is_nothing
    assert small.asked[-1].context.epoch > epoch


def test_a_form_without_the_token_is_refused(small: SmallHouse) -> None:
    erin = small.browser()
    erin.get("/login")
    answer = erin.post("/login", data={"email": "erin@salient.example", "password": PASSWORD})
    assert answer.status_code == 400
    assert sessions_of(small) == 0


def test_a_form_with_another_browsers_token_is_refused(small: SmallHouse) -> None:
    theirs = small.browser().hidden("/login")["csrf_token"]
    erin = small.browser()
    erin.get("/login")
    fields = {"csrf_token": theirs, "email": "erin@salient.example", "password": PASSWORD}
    assert erin.post("/login", data=fields).status_code == 400
    # Nor does a token from before signing in count afterwards.
    mine = erin.hidden("/login")["csrf_token"]
    erin.sign_in("erin@salient.example")
    assert erin.post("/logout", data={"csrf_token": mine}).status_code == 400
    assert erin.get("/").status_code == 200


def test_a_callback_without_the_token_is_refused(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    assert erin.call().status_code == 200
    assert erin.post("/_dash-update-component", json={"output": "out.children"}).status_code == 400
    assert erin.call(**{"X-CSRFToken": "made up"}).status_code == 400
    sam = small.signed_in("sam")
    sam.get("/")
    assert erin.call(**{"X-CSRFToken": sam.cookie("_csrf_token") or ""}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:9999"},
    ],
)
def test_what_another_site_sends_is_refused(small: SmallHouse, headers: dict[str, str]) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    assert erin.call(**headers).status_code == 403
    assert small.asked == []


def test_our_own_origin_is_welcome(small: SmallHouse, production: SmallHouse) -> None:
    for house, origin in ((small, "http://localhost"), (production, "https://sales.example.com")):
        erin = house.signed_in("erin")
        erin.get("/")
        assert erin.call(Origin=origin, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_guessing_gets_slower_and_never_stops_the_owner_for_good(small: SmallHouse) -> None:
    for _ in range(5):
        assert small.browser().sign_in("erin@salient.example", "a wrong password here").status_code == 401
    answer = small.browser().sign_in("erin@salient.example")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 1
    small.clock.go_on(seconds=1)
    assert small.browser().sign_in("erin@salient.example", "a wrong password here").status_code == 401
    answer = small.browser().sign_in("erin@salient.example")
    assert int(answer.headers["Retry-After"]) == 2
    small.clock.go_on(seconds=2)
    assert small.browser().sign_in("erin@salient.example").status_code == 302


def test_guessing_at_an_account_that_does_not_exist_is_slowed_alike(small: SmallHouse) -> None:
    pages = []
    for email in ("erin@salient.example", "nobody@salient.example"):
        answers = [small.browser().sign_in(email, "a wrong password here") for _ in range(7)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
        pages.append(shape(answers[-1].text))
    assert pages[0] == pages[1]


def test_an_address_that_tries_many_accounts_is_slowed(small: SmallHouse) -> None:
    statuses = [
        small.browser().sign_in(f"person{number}@salient.example", "one password for all").status_code
        for number in range(41)
    ]
    assert statuses == [401] * 40 + [429]


def test_guesses_side_by_side_count_each(small: SmallHouse) -> None:
    statuses: list[int] = []

    def guess() -> None:
        statuses.append(small.browser().sign_in("erin@salient.example", "a wrong password here").status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * 5 + [429] * 7


def test_one_network_of_addresses_counts_as_one(small: SmallHouse) -> None:
    statuses = []
    for number in range(6):
        browser = small.browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"2001:db8:0:1::{number}"
        statuses.append(browser.sign_in("erin@salient.example", "a wrong password here").status_code)
    assert statuses == [401] * 5 + [429]


def test_a_stranger_elsewhere_does_not_keep_the_owner_out(small: SmallHouse) -> None:
    assert small.signed_in("erin").get("/").status_code == 200
    elsewhere = small.browser()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _ in range(30):
        small.clock.go_on(seconds=20)
        elsewhere.sign_in("erin@salient.example", "a wrong password here")
    assert elsewhere.sign_in("erin@salient.example").status_code == 429
    assert small.browser().sign_in("erin@salient.example").status_code == 302


def test_the_demo_door_opens_with_one_click(demo: SmallHouse) -> None:
    visitor = demo.browser()
    page = visitor.get("/login").text
    assert 'value="tess@salient.example"' in page
    answer = visitor.submit("/login", persona="tess@salient.example")
    assert answer.status_code == 302
    assert "Tess Moore" in visitor.get("/account").text


def test_the_one_click_door_is_shut_outside_of_demo_mode(small: SmallHouse) -> None:
    visitor = small.browser()
    assert "tess@salient.example" not in visitor.get("/login").text
    assert visitor.submit("/login", persona="tess@salient.example").status_code == 401


def test_the_demo_companys_people_cannot_enter_where_it_is_no_demo(tmp_path: Path, template: Path) -> None:
    house = build(tmp_path, template, cast_is_demo=True)
    visitor = house.browser()
    assert visitor.sign_in("erin@salient.example").status_code == 401
    house.database.close()


def test_one_click_opens_for_personas_only(demo: SmallHouse) -> None:
    with demo.database.write() as session:
        accounts.add_user(
            session,
            "cli",
            email="real@company.example",
            name="Real",
            role="administrator",
            password="a long enough secret",
        )
        accounts.disable_user(session, "cli", "mia@salient.example")
    for email in ("real@company.example", "mia@salient.example", "nobody@salient.example", ""):
        visitor = demo.browser()
        assert visitor.submit("/login", persona=email).status_code == 401
    assert "real@company.example" not in demo.browser().get("/login").text


def test_all_hidden_fields_of_the_whole_page_make_no_persona(demo: SmallHouse) -> None:
    visitor = demo.browser()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', visitor.get("/login").text))
    visitor.post("/login", data={**fields, "email": "sam@salient.example", "password": PASSWORD})
    assert "Sam Reyes" in visitor.get("/account").text


def test_a_form_of_megabytes_is_refused(small: SmallHouse) -> None:
    answer = small.browser().post("/login", data={"email": "x" * 200_000})
    assert answer.status_code == 413


def test_signing_in_as_somebody_else_ends_the_former_session(small: SmallHouse) -> None:
    browser = small.signed_in("erin")
    browser.sign_in("sam@salient.example")
    assert "Sam Reyes" in browser.get("/account").text
    assert sessions_of(small) == 1
