"""Programs have things sent on behalf of the people whose token they carry, and see what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.assembly import House
from app.channels.ways import ways
from app.services import accounts
from scheduler.desk import Desk
from scheduler.pool import Here
from scheduler.tick import tick
from tests.api.conftest import As, Holder, Program, Tokens

PANEL = "/d/overview/cumulative?period=2026"
Tick = Callable[[], int]


@pytest.fixture
def look(house: House) -> Iterator[Tick]:
    """The scheduler looks once for what is due now."""
    desk = Desk(house, Here(house), ways(house.settings), lambda: datetime.now(UTC) + timedelta(seconds=1))
    yield lambda: tick(desk)
    desk.close()


def kept(asks: Program | Holder, name: str, **more: Any) -> dict[str, Any]:
    wish = {"name": name, "contents": [PANEL], "formats": ["csv"], "recurrence": "weekdays at 07:00", **more}
    came = asks.send("POST", "/schedules", wish)
    assert came.status_code == 201, came.text
    return dict(came.get_json())


def person(house: House, name: str) -> str:
    with house.database.read() as session:
        return f"person:{accounts.find_person(session, f'{name}@salient.example').id}"


def etag_of(asks: Program | Holder, schedule: str) -> dict[str, str]:
    return {"If-Match": asks.get(f"/schedules/{schedule}").headers["ETag"]}


def detail(came: TestResponse) -> tuple[int, str]:
    return came.status_code, came.get_json()["detail"]


def test_otto_who_has_no_role_has_nothing_sent(program: As) -> None:
    otto = program("otto")
    wish = {"name": "Mine", "contents": [PANEL], "recurrence": "daily at 07:00"}
    assert otto.send("POST", "/schedules", wish).status_code == 403
    for place in ("/schedules", "/subscriptions", "/schedule-times?recurrence=daily+at+07:00"):
        assert otto.get(place).status_code == 403


def test_a_token_without_the_scope_is_told_which_one_it_takes(token: Tokens) -> None:
    came = token("sam", "read").send("POST", "/schedules", {"name": "Mine"})
    assert detail(came) == (403, "This takes a token with the scope write.")
    assert "schedule" in detail(token("sam", "read", "export").get("/schedules/any/preview"))[1]


def test_a_colleagues_schedule_looks_like_none(program: As) -> None:
    mine = kept(program("tess"), "Only Tess")["id"]
    remy = program("remy")
    places: list[tuple[str, str, Any]] = [("GET", each, None) for each in ("", "/runs", "/times", "/recipients")]
    places += [("GET", "/preview?recipient=person:1&format=csv", None), ("PATCH", "", {"name": "Taken"})]
    places += [("DELETE", "", None), ("POST", "/pause", {})]
    places += [("POST", each, None) for each in ("/resume", "/send", "/test", "/restore")]
    for method, place, body in places:
        foreign, unknown = (
            detail(remy.send(method, f"/schedules/{each}{place}", body, headers={"If-Match": '"x"'}))
            for each in (mine, "none00000000")
        )
        assert foreign == unknown, (method, place)
        assert foreign[0] == 404


def test_tess_keeps_changes_pauses_resumes_deletes_and_restores_a_schedule(program: As, house: House) -> None:
    tess = program("tess")
    made = kept(tess, "Every morning", zone="Europe/Madrid", condition={"only_if": "metric", "metric": "net_sales"})
    assert (made["recipients"], made["zone"]) == ([person(house, "tess")], "Europe/Madrid")
    assert (made["recurrence"], made["said"] != "") == ("0 7 * * 1-5", True)
    assert made["condition"] | {"bound": "0", "test": "above"} == made["condition"]
    place = f"/schedules/{made['id']}"
    came = tess.send("PATCH", place, {"recurrence": "daily at 18:30"}, headers=etag_of(tess, made["id"]))
    assert (came.status_code, came.get_json()["recurrence"]) == (200, "30 18 * * *")
    assert (came.get_json()["name"], came.get_json()["condition"]) == ("Every morning", made["condition"])
    assert len(tess.get(f"{place}/times").get_json()["times"]) == 5
    paused = tess.send("POST", f"{place}/pause", {"reason": "Holidays"}).get_json()
    assert (paused["pause_reason"], paused["paused_at"][-1]) == ("Holidays", "Z")
    assert tess.get(f"{place}/times").get_json() | {"next": None, "times": []} == tess.get(f"{place}/times").get_json()
    assert tess.send("POST", f"{place}/send").status_code == 409
    assert tess.send("POST", f"{place}/resume").get_json()["paused_at"] is None
    assert tess.send("DELETE", place, headers=etag_of(tess, made["id"])).status_code == 204
    assert tess.get(place).status_code == 404
    assert [each["id"] for each in tess.get("/schedules?deleted=true").get_json()["items"]] == [made["id"]]
    assert tess.send("POST", f"{place}/restore").get_json()["paused_at"] is not None


def test_of_two_programs_that_change_the_same_schedule_at_once_one_is_told(program: As) -> None:
    tess = program("tess")
    schedule = kept(tess, "Raced")["id"]
    assert tess.send("PATCH", f"/schedules/{schedule}", {"name": "Blind"}).status_code == 428
    seen, answers = etag_of(tess, schedule), []

    def editor(number: int) -> None:
        came = tess.send("PATCH", f"/schedules/{schedule}", {"name": f"Raced {number}"}, headers=seen)
        answers.append(came.status_code)

    editors = [threading.Thread(target=editor, args=(number,)) for number in range(4)]
    for each in editors:
        each.start()
    for each in editors:
        each.join()
    assert sorted(answers) == [200, 412, 412, 412]
    assert tess.get(f"/schedules/{schedule}").get_json()["version"] == 2


def test_the_same_schedule_sent_twice_under_one_key_is_kept_once(token: Tokens) -> None:
    remy = token("remy", "read", "write")
    wish = {"name": "Once", "contents": [PANEL], "recurrence": "daily at 07:00"}
    answers = [
        remy.send("POST", "/schedules", wish, headers={"Idempotency-Key": "once-of-schedules"}) for _ in range(3)
    ]
    assert len({each.get_json()["id"] for each in answers}) == 1
    assert [each["name"] for each in remy.get("/schedules").get_json()["items"]] == ["Once"]


def test_a_test_reaches_oneself_alone_and_its_end_is_told(program: As, house: House, look: Tick) -> None:
    tess = program("tess")
    reached = [person(house, "tess"), person(house, "sam"), person(house, "otto")]
    made = kept(tess, "For three", recipients=reached)
    place = f"/schedules/{made['id']}"
    told = {each["recipient"]: each["why_not"] for each in tess.get(f"{place}/recipients").get_json()["items"]}
    assert {who: bool(why) for who, why in told.items()} == dict(zip(reached, (False, False, True), strict=True))
    tried = tess.send("POST", f"{place}/test")
    assert tried.status_code == 202
    assert tess.send("POST", f"{place}/test").status_code == 409
    look()
    (run,) = tess.get(f"{place}/runs").get_json()["items"]
    assert (run["id"], run["kind"], run["state"]) == (tried.get_json()["run"], "test", "done")
    assert [(each["recipient"], each["state"]) for each in run["deliveries"]] == [(reached[0], "sent")]
    assert program("sam").get(f"{place}/runs").status_code == 404


def test_what_is_sent_at_once_is_in_the_log_page_by_page_and_each_reads_the_own_line(
    program: As, house: House, look: Tick
) -> None:
    erin, sam = program("erin"), program("sam")
    reached = [person(house, "erin"), person(house, "sam")]
    made = kept(erin, "At once", recipients=reached)
    place = f"/schedules/{made['id']}"
    for _ in range(3):
        assert erin.send("POST", f"{place}/send").status_code == 202
        look()
    runs, after = [], ""
    while True:
        page = erin.get(f"{place}/runs?limit=1{after}").get_json()
        runs += page["items"]
        if page["next"] is None:
            break
        after = f"&cursor={page['next']}"
    assert len({run["id"] for run in runs}) == len(runs) == 3
    assert {each["recipient"] for run in runs for each in run["deliveries"]} == set(reached)
    mine = sam.get(f"{place}/runs?limit=2").get_json()
    assert {each["recipient"] for run in mine["items"] for each in run["deliveries"]} == {reached[1]}
    assert len(sam.get(f"{place}/runs?limit=2&cursor={mine['next']}").get_json()["items"]) == 1
    assert program("tess").get(f"{place}/runs").status_code == 404


def test_sam_ends_a_subscription_and_begins_it_again(program: As, house: House) -> None:
    erin, sam = program("erin"), program("sam")
    made = kept(erin, "Subscribed", recipients=[person(house, "sam")])
    place = f"/subscriptions/{made['id']}"

    def is_ended() -> list[bool]:
        return [
            each["is_ended"] for each in sam.get("/subscriptions").get_json()["items"] if each["name"] == "Subscribed"
        ]

    assert is_ended() == [False]
    assert sam.send("DELETE", place).status_code == 204
    assert is_ended() == [True]
    assert sam.send("PUT", place).status_code == 204
    assert is_ended() == [False]
    assert program("amy").send("DELETE", place).status_code == 404


def test_erin_looks_at_what_sam_would_get_and_at_no_strangers(program: As, house: House) -> None:
    erin, sam = program("erin"), person(house, "sam")
    made = kept(erin, "Looked at", recipients=[sam])
    seen = erin.get(f"/schedules/{made['id']}/preview", query_string={"recipient": sam, "format": "csv"})
    assert (seen.status_code, seen.mimetype) == (200, "text/csv")
    other = {"recipient": person(house, "amy"), "format": "csv"}
    assert erin.get(f"/schedules/{made['id']}/preview", query_string=other).status_code == 404


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"recurrence": "now and then"}, 400),
        ({"recurrence": "* * * * *"}, 400),
        ({"zone": "Europe/Atlantis"}, 400),
        ({"contents": []}, 422),
        ({"contents": ["view:none"]}, 404),
        ({"contents": ["/d/nowhere"]}, 400),
        ({"formats": ["exe"]}, 400),
        ({"recipients": ["everybody"]}, 400),
        ({"recipients": ["address:ann@elsewhere.example"]}, 403),
        ({"channel": "pigeon"}, 400),
        ({"condition": {"only_if": "metric"}}, 400),
        ({"condition": {"bound": "NaN"}}, 422),
        ({"next_due": "2026-11-23T07:00:00Z"}, 422),
    ],
)
def test_what_could_not_be_sent_is_not_kept(program: As, wish: dict[str, Any], status: int) -> None:
    body = {"name": "Odd", "contents": [PANEL], "recurrence": "daily at 07:00", **wish}
    came = program("mia").send("POST", "/schedules", body)
    assert came.status_code == status, came.text
    assert program("mia").get("/schedules").get_json()["items"] == []


def test_a_token_that_only_reads_reads_its_owners_schedules_and_nobody_elses(token: Tokens) -> None:
    writes, reads = token("remy", "read", "write"), token("remy", "read")
    schedule = kept(writes, "Read me")
    assert reads.get(f"/schedules/{schedule['id']}").get_json() == schedule
    assert schedule in reads.get("/schedules").get_json()["items"]
    assert reads.get(f"/schedules/{schedule['id']}/times").status_code == 200
    assert reads.send("POST", f"/schedules/{schedule['id']}/send").status_code == 403
    assert reads.get(f"/schedules/{schedule['id']}/preview").status_code == 403
    other = token("erin", "read")
    assert other.get(f"/schedules/{schedule['id']}").status_code == 404
    assert schedule["id"] not in other.get("/schedules").text
    assert token("sam", "read").get("/schedules").get_json()["items"] == []
