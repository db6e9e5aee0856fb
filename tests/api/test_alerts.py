"""Programs have figures watched for the people whose token they carry; each is told of the own rows only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.assembly import House
from app.channels.ways import ways
from app.services import accounts
from scheduler.jobs.alerts import check_due
from tests.api.conftest import As, Holder, Program, Tokens

PANEL = "/d/overview/net-sales?period=2026"
RULE = {"metric": "net_sales", "looks_for": "threshold", "bound": "1", "test": "above"}
Tick = Callable[[], int]


@pytest.fixture
def look(house: House) -> Tick:
    """The scheduler checks what is due now."""
    channels = ways(house.settings)
    return lambda: check_due(house, channels, "tests", lambda: datetime.now(UTC) + timedelta(seconds=1))


def kept(asks: Program | Holder, name: str, **more: Any) -> dict[str, Any]:
    came = asks.send("POST", "/alerts", {"name": name, "view": PANEL, "rule": RULE, **more})
    assert came.status_code == 201, came.text
    return dict(came.get_json())


def person(house: House, name: str) -> str:
    with house.database.read() as session:
        return f"person:{accounts.find_person(session, f'{name}@salient.example').id}"


def etag_of(asks: Program, alert: str) -> dict[str, str]:
    return {"If-Match": asks.get(f"/alerts/{alert}").headers["ETag"]}


def detail(came: TestResponse) -> tuple[int, str]:
    return came.status_code, came.get_json()["detail"]


def standing(asks: Program, alert: str) -> dict[str, Any]:
    return next(each for each in asks.get("/alerts?limit=200").get_json()["items"] if each["id"] == alert)


def test_otto_who_has_no_role_has_nothing_watched(program: As) -> None:
    otto = program("otto")
    assert otto.send("POST", "/alerts", {"name": "Mine", "view": PANEL, "rule": RULE}).status_code == 403
    assert otto.send("POST", "/alert-trials", {"view": PANEL, "rule": RULE}).status_code == 403
    assert otto.get("/alerts").status_code == 403


def test_a_token_without_the_scope_is_told_which_one_it_takes(token: Tokens) -> None:
    came = token("tess", "read").send("POST", "/alerts", {"name": "Mine"})
    assert detail(came) == (403, "This takes a token with the scope write.")


def test_a_colleagues_alert_looks_like_none(program: As) -> None:
    mine = kept(program("tess"), "Only Tess")["id"]
    remy = program("remy")
    places: list[tuple[str, str, Any]] = [("GET", each, None) for each in ("", "/members", "/history")]
    places += [("PATCH", "", {"name": "Taken"}), ("DELETE", "", None), ("POST", "/mute", {"until": None})]
    places += [("POST", each, None) for each in ("/pause", "/resume", "/restore", "/check")]
    for method, place, body in places:
        foreign, unknown = (
            detail(remy.send(method, f"/alerts/{each}{place}", body, headers={"If-Match": '"x"'}))
            for each in (mine, "none00000000")
        )
        assert foreign == unknown, (method, place)
        assert foreign[0] == 404


def test_tess_keeps_changes_mutes_pauses_deletes_and_restores_an_alert(program: As, house: House) -> None:
    tess = program("tess")
    made = kept(tess, "Too much", recurrence="weekdays at 07:00")
    assert (made["recipients"], made["recurrence"]) == ([person(house, "tess")], "0 7 * * 1-5")
    assert made["rule"] == {**RULE, "ends_at": None, "versus": None, "step": None, "by": None, "holds": 1}
    place = f"/alerts/{made['id']}"
    wish = {"rule": {**RULE, "bound": "0.5", "by": "region"}, "recurrence": ""}
    came = tess.send("PATCH", place, wish, headers=etag_of(tess, made["id"]))
    assert (came.status_code, came.get_json()["rule"]["bound"]) == (200, "0.5"), came.text
    assert (came.get_json()["rule"]["by"], came.get_json()["recurrence"]) == ("region", None)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    assert tess.send("POST", f"{place}/mute", {"until": until}).get_json()["muted_until"][-1] == "Z"
    assert tess.send("POST", f"{place}/mute", {"until": None}).get_json()["muted_until"] is None
    assert tess.send("POST", f"{place}/mute", {}).status_code == 422
    assert tess.send("POST", f"{place}/mute", {"until": "2020-01-01T00:00:00Z"}).status_code == 400
    assert tess.send("POST", f"{place}/mute", {"until": "0001-01-01T00:00:00+14:00"}).status_code == 422
    assert tess.send("POST", f"{place}/pause").get_json()["paused_at"] is not None
    assert tess.send("POST", f"{place}/check").status_code == 409
    assert tess.send("POST", f"{place}/resume").get_json()["paused_at"] is None
    assert tess.send("DELETE", place, headers=etag_of(tess, made["id"])).status_code == 204
    assert tess.get(place).status_code == 404
    assert made["id"] in [each["id"] for each in tess.get("/alerts?deleted=true").get_json()["items"]]
    assert tess.send("POST", f"{place}/restore").get_json()["paused_at"] is not None


def test_of_two_programs_that_change_the_same_alert_at_once_one_is_told(program: As) -> None:
    tess = program("tess")
    alert = kept(tess, "Raced")["id"]
    assert tess.send("PATCH", f"/alerts/{alert}", {"name": "Blind"}).status_code == 428
    seen, answers = etag_of(tess, alert), []

    def editor(number: int) -> None:
        came = tess.send("PATCH", f"/alerts/{alert}", {"name": f"Raced {number}"}, headers=seen)
        answers.append(came.status_code)

    editors = [threading.Thread(target=editor, args=(number,)) for number in range(4)]
    for each in editors:
        each.start()
    for each in editors:
        each.join()
    assert sorted(answers) == [200, 412, 412, 412]
    assert tess.get(f"/alerts/{alert}").get_json()["version"] == 2


def test_the_same_alert_sent_twice_under_one_key_is_kept_once(token: Tokens) -> None:
    remy = token("remy", "read", "write")
    wish = {"name": "Once", "view": PANEL, "rule": RULE}
    answers = [remy.send("POST", "/alerts", wish, headers={"Idempotency-Key": "once-of-alerts"}) for _ in range(3)]
    assert len({each.get_json()["id"] for each in answers}) == 1
    assert [each["name"] for each in remy.get("/alerts").get_json()["items"]] == ["Once"]


def test_an_alert_is_checked_at_once_and_what_it_found_is_told_to_its_owner(program: As, look: Tick) -> None:
    tess = program("tess")
    made = kept(tess, "Fires", rule={**RULE, "by": "region"})["id"]
    seen = etag_of(tess, made)
    assert standing(tess, made)["state"] == ""
    assert tess.send("POST", f"/alerts/{made}/check").status_code == 409, "the first check waits already"
    look()
    assert standing(tess, made)["state"] == "firing"
    members = tess.get(f"/alerts/{made}/members").get_json()["items"]
    assert {each["state"] for each in members} == {"firing"}
    assert len(members) == standing(tess, made)["firing"] > 1
    assert etag_of(tess, made) == seen, "where it stands is no change of what it is"
    first = tess.get(f"/alerts/{made}/history?limit=1").get_json()
    rest = tess.get(f"/alerts/{made}/history?cursor={first['next']}").get_json()
    assert len(first["items"] + rest["items"]) == len(members)
    assert tess.send("POST", f"/alerts/{made}/check").status_code == 202
    assert tess.send("POST", f"/alerts/{made}/check").status_code == 409
    checked = standing(tess, made)["checked_at"]
    look()
    assert standing(tess, made)["checked_at"] > checked
    assert tess.send("POST", f"/alerts/{made}/check").status_code == 202


def test_sam_ends_what_tess_has_him_told_and_mutes_one_member(program: As, house: House, look: Tick) -> None:
    tess, sam = program("tess"), program("sam")
    both = [person(house, "tess"), person(house, "sam")]
    made = kept(tess, "For Sam", rule={**RULE, "by": "region"}, recipients=both)["id"]
    look()

    def is_ended() -> list[bool]:
        told = sam.get("/alert-subscriptions").get_json()["items"]
        return [each["is_ended"] for each in told if each["alert"] == made]

    assert is_ended() == [False]
    assert sam.send("DELETE", f"/alert-subscriptions/{made}").status_code == 204
    assert is_ended() == [True]
    assert sam.send("PUT", f"/alert-subscriptions/{made}").status_code == 204
    assert is_ended() == [False]
    amy = program("amy")
    for method in ("DELETE", "PUT"):
        foreign, unknown = (detail(amy.send(method, f"/alert-subscriptions/{each}")) for each in (made, "none00000000"))
        assert foreign == unknown == (404, "There is no such alert.")
    member = tess.get(f"/alerts/{made}/members?limit=1").get_json()["items"][0]["member"]
    wish = {"member": member, "until": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    assert tess.send("POST", f"/alerts/{made}/mute-member", wish).status_code == 204
    assert tess.get(f"/alerts/{made}/members?limit=1").get_json()["items"][0]["muted_until"][-1] == "Z"
    assert tess.send("POST", f"/alerts/{made}/mute-member", {**wish, "until": None}).status_code == 204
    assert detail(amy.send("POST", f"/alerts/{made}/mute-member", wish)) == (404, "There is no such member.")


def test_a_rule_is_tried_out_on_the_own_rows(program: As) -> None:
    found = {}
    for who in ("erin", "tess"):
        came = program(who).send("POST", "/alert-trials", {"view": PANEL, "rule": RULE})
        assert came.status_code == 200, came.text
        (found[who],) = came.get_json()["items"]
        assert found[who]["is_beyond"] is True
    assert found["erin"]["value"] != found["tess"]["value"]
    assert (
        program("erin").send("POST", "/alert-trials", {"view": PANEL, "rule": {**RULE, "by": "nonsense"}}).status_code
        == 400
    )


def test_nobody_watches_a_figure_that_is_hidden_from_them(program: As) -> None:
    wish = {"name": "Costs", "view": PANEL, "rule": {**RULE, "metric": "cost"}}
    hidden, none = (
        program("mia").send("POST", "/alerts", {**wish, "rule": {**RULE, "metric": metric}})
        for metric in ("cost", "never")
    )
    assert (hidden.status_code, none.status_code) == (400, 400)
    assert hidden.get_json()["detail"].replace("cost", "never") == none.get_json()["detail"]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"rule": {**RULE, "looks_for": "change"}}, 400),
        ({"rule": {**RULE, "bound": "Infinity"}}, 422),
        ({"rule": {**RULE, "bound": 1}}, 422),
        ({"rule": {**RULE, "holds": 31}}, 422),
        ({"rule": {**RULE, "test": "either"}}, 400),
        ({"rule": {**RULE, "ends_at": "2"}}, 400),
        ({"view": "/d/nowhere"}, 400),
        ({"recipients": ["everybody"]}, 400),
        ({"recurrence": "now and then"}, 400),
        ({"zone": "Europe/Atlantis"}, 400),
        ({"state": "firing"}, 422),
    ],
)
def test_what_could_not_be_checked_is_not_kept(program: As, wish: dict[str, Any], status: int) -> None:
    came = program("mia").send("POST", "/alerts", {"name": "Odd", "view": PANEL, "rule": RULE, **wish})
    assert came.status_code == status, came.text
    assert program("mia").get("/alerts").get_json()["items"] == []


def test_a_token_that_only_reads_reads_its_owners_alerts_and_nobody_elses(token: Tokens) -> None:
    writes, reads = token("remy", "read", "write"), token("remy", "read")
    came = writes.send("POST", "/alerts", {"name": "Read me", "view": PANEL, "rule": RULE})
    assert came.status_code == 201, came.text
    alert = came.get_json()["id"]
    assert reads.get(f"/alerts/{alert}").get_json()["name"] == "Read me"
    assert alert in reads.get("/alerts").text
    for place in ("members", "history"):
        assert reads.get(f"/alerts/{alert}/{place}").status_code == 200
    assert reads.send("POST", f"/alerts/{alert}/pause").status_code == 403
    assert token("erin", "read").get(f"/alerts/{alert}").status_code == 404
    assert token("sam", "read").get("/alerts").get_json()["items"] == []
