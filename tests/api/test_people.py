"""Programs of administrators manage people and read who did what; nobody else's do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.assembly import House
from app.models.session import BrowserSession
from app.services import accounts, tokens
from tests.api.conftest import As, Holder, Program, Tokens
from tests.sweep.company import COLLEAGUES, WORD, key, words_of

ADMINISTRATION = ("/users", "/users/1", "/roles", "/roles/rep", "/audit/events", "/audit/events/1")
EVERYBODY_ELSE = [name for name in COLLEAGUES if name not in ("ada", "ines")]


def number_of(asks: Holder | Program, name: str) -> str:
    [found] = asks.get("/users", query_string={"email": COLLEAGUES[name].email}).get_json()["items"]
    return str(found["id"])


def changed(asks: Holder | Program, path: str, **wish: Any) -> Any:
    return asks.send("PATCH", path, wish, headers={"If-Match": asks.get(path).headers["ETag"]})


@pytest.fixture
def nia(house: House) -> Iterator[str]:
    """The address of a rep with Sam's key, who is here for one test."""
    email = f"nia{datetime.now(UTC).timestamp()}@salient.example"
    with house.database.write() as session:
        accounts.add_user(session, "cli", email=email, name="Nia", role="rep", rep_key=key("rep", "sam"))
    yield email
    with house.database.write() as session:
        accounts.disable_user(session, "cli", email)


@pytest.mark.parametrize("name", EVERYBODY_ELSE)
def test_nobody_but_administrators_learns_who_there_is_or_what_was_done(program: As, name: str) -> None:
    for path in ADMINISTRATION:
        told = program(name).get(path)
        assert told.status_code == 403, path
        assert "@" not in told.text
    assert program(name).send("POST", "/users", {"email": "x@x.example", "name": "X"}).status_code == 403
    for path, wish in (("/users/1", {"role": "executive"}), ("/roles/rep", {"masks": []})):
        refused = program(name).send("PATCH", path, wish, headers={"If-Match": '"x"'})
        assert refused.status_code == 403, path


@pytest.mark.parametrize("scopes", [("read",), ("read", "rows", "export", "write", "ingest", "embed", "webhooks")])
def test_an_administrators_token_for_something_else_manages_nobody(token: Tokens, scopes: tuple[str, ...]) -> None:
    for path in ADMINISTRATION:
        assert token("ada", *scopes).get(path).status_code == 403, path
    assert token("ada", *scopes).send("POST", "/users", {"email": "x@x.example", "name": "X"}).status_code == 403


def test_users_are_listed_in_pages_and_found(token: Tokens) -> None:
    ada = token("ada", "admin")
    found, cursor = [], None
    while True:
        page = ada.get("/users", query_string={"limit": 3, **({"cursor": cursor} if cursor else {})}).get_json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert {f"{name}@salient.example" for name in COLLEAGUES} <= {each["email"] for each in found}
    assert found == sorted(found, key=lambda each: str(each["email"]))
    assert len({each["id"] for each in found}) == len(found)
    reps = ada.get("/users", query_string={"role": "rep"}).get_json()["items"]
    assert {each["role"] for each in reps} == {"rep"}
    shown = ada.get(f"/users/{number_of(ada, 'tess')}").get_json()
    assert (shown["name"], shown["team_keys"], shown["active"]) == ("Tess", [key("team", "tess")], True)
    assert not {"password", "password_hash", "epoch"} & set(shown)
    for path in (
        "/users/0",
        "/users/999999999",
        "/users/x",
        "/users/-1",
        "/users/1e3",
        f"/users/{'9' * 40}",
        "/users/١",
    ):
        assert ada.get(path).status_code == 404, path


def test_somebody_gets_an_account_other_rights_and_none(token: Tokens, house: House) -> None:
    ada = token("ada", "admin")
    made = ada.send("POST", "/users", {"email": "Zoe@Salient.example", "name": "Zoe", "role": "rep", "rep_key": "R1"})
    assert (made.status_code, made.get_json()["email"]) == (201, "zoe@salient.example")
    zoe = f"/users/{made.get_json()['id']}"
    assert made.headers["Location"] == f"/api/v1{zoe}"
    assert ada.send("POST", "/users", {"email": "zoe@salient.example", "name": "Z"}).status_code == 409
    assert changed(ada, zoe, role="team-lead", team_keys=["T1"]).get_json()["team_keys"] == ["T1"]
    assert house.viewer_named("zoe@salient.example").role == "team-lead"
    assert changed(ada, zoe, rep_key=None).get_json()["rep_key"] is None
    assert changed(ada, zoe, active=False).get_json()["active"] is False
    assert changed(ada, zoe, active=True).get_json()["active"] is True
    for wish in ({"role": "king"}, {"place_keys": ["moon:x"]}, {"team_keys": ["a\nb"]}):
        assert changed(ada, zoe, **wish).status_code == 400, wish
    for wish in ({"permissions": ["admin:users"]}, {"email": "a@b.example"}, {"password": "x"}, {"active": "yes"}):
        assert changed(ada, zoe, **wish).status_code == 422, wish
    assert ada.send("PATCH", zoe, {"role": "none"}).status_code == 428
    assert ada.send("PATCH", zoe, {"role": "none"}, headers={"If-Match": '"stale"'}).status_code == 412
    assert house.viewer_named("zoe@salient.example").role == "team-lead"


def test_whoever_is_switched_off_through_the_api_is_out_with_every_token(
    token: Tokens, house: House, nia: str, server: Any
) -> None:
    with house.database.write() as session:
        _, text = tokens.make(session, house.viewer_named(nia), name="Mine", scopes=("read",))
    nias = Holder(server, text)
    assert nias.get("/me").status_code == 200
    ada = token("ada", "admin")
    [found] = ada.get("/users", query_string={"email": nia}).get_json()["items"]
    assert changed(ada, f"/users/{found['id']}", role="none").status_code == 200
    assert nias.get("/me").status_code == 401
    assert changed(ada, f"/users/{found['id']}", role="rep").status_code == 200
    assert nias.get("/me").status_code == 200
    assert changed(ada, f"/users/{found['id']}", active=False).status_code == 200
    assert nias.get("/me").status_code == 401


def test_nobody_changes_the_own_rights_by_a_program(token: Tokens, program: As) -> None:
    ada = token("ada", "admin")
    own = f"/users/{number_of(ada, 'ada')}"
    for wish in ({"role": "rep"}, {"active": False}, {"team_keys": ["T1"]}):
        assert changed(ada, own, **wish).status_code == 403, wish
        assert changed(program("ada"), own, **wish).status_code == 403, wish
    assert changed(ada, "/roles/administrator", masks=["cost"]).status_code in (403, 409)


def test_a_role_is_changed_by_the_next_request_of_its_holders(token: Tokens) -> None:
    ada, theo = token("ada", "admin"), token("theo", "read")
    before = ada.get("/roles/team-lead").get_json()
    assert theo.get("/me").get_json()["masks"] == []
    try:
        assert changed(ada, "/roles/team-lead", masks=["cost"]).get_json() == {**before, "masks": ["cost"]}
        assert theo.get("/me").get_json()["masks"] == ["cost"]
    finally:
        assert changed(ada, "/roles/team-lead", masks=[]).get_json() == before
    assert changed(ada, "/roles/team-lead", permissions=["everything"]).status_code == 400
    assert changed(ada, "/roles/team-lead", scope_kind="some").status_code == 422
    assert ada.get("/roles/emperor").status_code == 404
    assert before in ada.get("/roles").get_json()["items"]


def test_a_signed_in_administrator_gives_the_password_again_first(program: As, house: House) -> None:
    ada = program("ada")
    stale = update(BrowserSession).values(proved_at=datetime.now(UTC) - timedelta(minutes=6))
    with house.database.write() as session:
        session.execute(stale)
    try:
        assert ada.get("/users").status_code == 200
        for came in (
            ada.send("POST", "/users", {"email": "late@salient.example", "name": "Late"}),
            changed(ada, f"/users/{number_of(ada, 'sam')}", role="executive"),
            changed(ada, "/roles/rep", masks=[]),
            ada.get("/audit/events"),
        ):
            assert came.status_code == 403
            assert "/account/prove" in came.get_json()["detail"]
        assert house.viewer_named(COLLEAGUES["sam"].email).role == "rep"
    finally:
        with house.database.write() as session:
            session.execute(update(BrowserSession).values(proved_at=datetime.now(UTC)))


@pytest.mark.parametrize("name", [name for name in COLLEAGUES if name not in ("ines", "otto")])
def test_everybody_learns_of_the_teams_among_their_own_sales(program: As, name: str) -> None:
    told = program(name).get("/teams")
    assert told.status_code == 200
    assert set(WORD.findall(told.text)) <= words_of(COLLEAGUES[name].deals)
    assert bool(told.get_json()["items"]) == bool(COLLEAGUES[name].deals)


def test_otto_learns_of_no_team(program: As) -> None:
    assert program("otto").get("/teams").status_code == 403


def test_teams_are_listed_in_pages(program: As) -> None:
    whole = program("erin").get("/teams").get_json()["items"]
    assert len(whole) == 2
    first = program("erin").get("/teams?limit=1").get_json()
    second = program("erin").get("/teams", query_string={"limit": 1, "cursor": first["next"]}).get_json()
    assert (first["items"] + second["items"], second["next"]) == (whole, None)


def test_what_was_done_is_read_in_pages_that_new_events_do_not_disturb(token: Tokens, nia: str) -> None:
    ada = token("ada", "admin")
    first = ada.get("/audit/events?limit=4").get_json()
    [found] = ada.get("/users", query_string={"email": nia}).get_json()["items"]
    assert changed(ada, f"/users/{found['id']}", role="team-lead").status_code == 200
    second = ada.get("/audit/events", query_string={"limit": 4, "cursor": first["next"]}).get_json()
    numbers = [int(each["id"]) for each in first["items"] + second["items"]]
    assert numbers == list(range(numbers[0], numbers[0] - 8, -1))
    [last] = ada.get("/audit/events?limit=1").get_json()["items"]
    assert (last["action"], last["subject"]) == ("user.rights-changed", f"user:{found['id']}")
    assert last["actor"].startswith("token:")
    assert ada.get(f"/audit/events/{last['id']}").get_json() == last
    assert ada.get("/audit/events/999999999").status_code == 404


def test_what_was_done_is_sought_by_who_what_whom_and_when(token: Tokens) -> None:
    ada = token("ada", "admin")

    def found(**asked: Any) -> list[dict[str, Any]]:
        return list(ada.get("/audit/events", query_string={"limit": 200, **asked}).get_json()["items"])

    everything = found(oldest_first="true")
    assert [int(each["id"]) for each in everything] == list(range(1, len(everything) + 1))
    added = found(action="user.added")
    assert {each["action"] for each in added} == {"user.added"}
    assert {each["action"] for each in found(action="user.")} >= {"user.added", "user.disabled"}
    assert found(action="user%") == found(action="_ser.") == []
    assert {each["subject"] for each in found(subject=added[0]["subject"])} == {added[0]["subject"]}
    assert {each["actor"] for each in found(actor="system")} == {"system"}
    middle = everything[len(everything) // 2]["at"]
    assert len(found(since=middle)) + len(found(until=middle)) == len(everything)
    assert ada.get("/audit/events?since=yesterday").status_code == 422


def test_no_event_tells_a_token(token: Tokens) -> None:
    ada = token("ada", "admin")
    assert ada.text not in ada.get("/audit/events?limit=200").text
