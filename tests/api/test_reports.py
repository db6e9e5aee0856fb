"""Programs keep reports and have them made, each of the rows of whoever it asks for."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.assembly import House
from scheduler.jobs.reports import make_waiting
from tests.api.conftest import As, Holder, Program, Tokens

PARTS = [{"view": "/d/overview/cumulative"}, {"view": "/d/overview/variance?period=2025", "draw": "table"}]


def kept(asks: Program, name: str, **more: Any) -> dict[str, Any]:
    came = asks.send("POST", "/reports", {"name": name, "parts": PARTS, "formats": ["csv"], **more})
    assert came.status_code == 201, came.text
    return dict(came.get_json())


def run_of(asks: Program | Holder, house: House, report: str) -> dict[str, Any]:
    """A report had made, waited for, and read."""
    came = asks.send("POST", f"/reports/{report}/runs")
    assert (came.status_code, came.get_json()["state"]) == (202, "running"), came.text
    assert came.headers["Retry-After"].isdecimal()
    place = came.headers["Location"].removeprefix("/api/v1")
    assert asks.get(place).get_json() == came.get_json()
    assert make_waiting(house) == 1
    done = asks.get(place)
    assert "Retry-After" not in done.headers
    return dict(done.get_json())


def etag_of(asks: Program, report: str) -> dict[str, str]:
    return {"If-Match": asks.get(f"/reports/{report}").headers["ETag"]}


def detail(came: TestResponse) -> tuple[int, str]:
    return came.status_code, came.get_json()["detail"]


def test_otto_who_has_no_role_has_no_reports(program: As) -> None:
    otto = program("otto")
    assert otto.get("/reports").status_code == 403
    assert otto.send("POST", "/reports", {"name": "Mine", "parts": PARTS}).status_code == 403
    assert otto.send("POST", "/reports/any/runs").status_code == 403


def test_a_colleagues_report_and_its_runs_look_like_none(program: As, house: House) -> None:
    sam, amy = program("sam"), program("amy")
    mine = kept(sam, "Only for Sam")["id"]
    made = run_of(sam, house, mine)
    places = [
        ("GET", "", None),
        ("PATCH", "", {"name": "Taken"}),
        ("DELETE", "", None),
        ("GET", "/versions", None),
        ("GET", "/runs", None),
        ("POST", "/runs", None),
        ("GET", f"/runs/{made['id']}", None),
        ("GET", f"/runs/{made['id']}/files/{made['files'][0]['name']}", None),
        ("POST", "/versions/1/restore", None),
        ("POST", "/restore", None),
    ]
    for method, place, body in places:
        foreign, unknown = (
            detail(amy.send(method, f"/reports/{each}{place}", body, headers={"If-Match": '"x"'}))
            for each in (mine, "none00000000")
        )
        assert foreign == unknown, (method, place)
        assert foreign[0] == 404


def test_a_token_without_the_scope_is_told_which_one_it_takes(token: Tokens) -> None:
    sam = token("sam", "read")
    kept = sam.send("POST", "/reports", {"name": "Mine", "parts": PARTS})
    assert detail(kept) == (403, "This takes a token with the scope write.")
    assert detail(sam.send("POST", "/reports/any/runs")) == (403, "This takes a token with the scope export.")


def test_sam_keeps_a_report_changes_it_and_goes_back_to_what_it_was(program: As) -> None:
    sam = program("sam")
    made = kept(sam, "Monday", description="For the meeting", selection="period=2026-Q1")
    assert [each["draw"] for each in made["parts"]] == ["as-on-screen", "table"]
    came = sam.send("PATCH", f"/reports/{made['id']}", {"name": "Tuesday"}, headers=etag_of(sam, made["id"]))
    assert (came.status_code, came.get_json()["name"], came.get_json()["version"]) == (200, "Tuesday", 2)
    assert came.get_json()["selection"] == made["selection"]
    told = sam.get(f"/reports/{made['id']}/versions").get_json()["items"]
    assert [(each["version"], each["name"]) for each in told] == [(2, "Tuesday"), (1, "Monday")]
    back = sam.send("POST", f"/reports/{made['id']}/versions/1/restore", headers=etag_of(sam, made["id"]))
    assert (back.status_code, back.get_json()["name"], back.get_json()["version"]) == (200, "Monday", 3)
    assert sam.send("DELETE", f"/reports/{made['id']}", headers=etag_of(sam, made["id"])).status_code == 204
    assert sam.get(f"/reports/{made['id']}").status_code == 404
    assert sam.send("POST", f"/reports/{made['id']}/restore").get_json()["name"] == "Monday"


def test_a_change_says_which_state_it_was_made_on(program: As) -> None:
    erin = program("erin")
    report = kept(erin, "Matched")["id"]
    assert erin.send("PATCH", f"/reports/{report}", {"name": "Blind"}).status_code == 428
    stale = etag_of(erin, report)
    # Who may use it is no new version, and a change all the same.
    shared = erin.send("PATCH", f"/reports/{report}", {"people": ["sam@salient.example"]}, headers=stale)
    assert (shared.status_code, shared.get_json()["version"]) == (200, 1)
    assert erin.send("PATCH", f"/reports/{report}", {"name": "Second"}, headers=stale).status_code == 412
    read = program("sam").get(f"/reports/{report}").get_json()
    assert (read["name"], read["is_mine"], read["people"]) == ("Matched", False, [])


def test_the_same_creation_sent_twice_keeps_one_report(program: As) -> None:
    sam = program("sam")
    body = {"name": "Once only", "parts": PARTS}
    first, again = (sam.send("POST", "/reports", body, headers={"Idempotency-Key": "once-only-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json()["id"] == again.get_json()["id"]
    names = [each["name"] for each in sam.get("/reports").get_json()["items"]]
    assert names.count("Once only") == 1


def test_a_run_holds_the_rows_of_whoever_it_is_for_and_stays_as_it_was(program: As, house: House) -> None:
    erin, sam = program("erin"), program("sam")
    report = kept(erin, "For all", visibility="everyone")["id"]
    contents = []
    for asks in (erin, sam):
        run = run_of(asks, house, report)
        assert (run["state"], run["version"], len(run["files"])) == ("done", 1, 1)
        file = asks.browser.client.get(run["files"][0]["url"])
        assert (file.status_code, file.mimetype, len(file.data)) == (200, "text/csv", run["files"][0]["size"])
        contents.append(file.data)
        assert [each["id"] for each in asks.get(f"/reports/{report}/runs").get_json()["items"]][:1] == [run["id"]]
    assert contents[0] != contents[1]
    # Whose report it is sees that it was made for somebody, and opens nothing of it.
    told = erin.get(f"/reports/{report}/runs").get_json()["items"]
    assert (told[0]["files"], told[0]["summary"]) == ([], [])
    assert erin.browser.client.get(run["files"][0]["url"]).status_code == 404


def test_a_run_asked_for_twice_under_one_key_is_made_once(token: Tokens, house: House) -> None:
    sam = token("sam", "read", "write", "export")
    report = sam.send("POST", "/reports", {"name": "Made once", "parts": PARTS, "formats": ["csv"]}).get_json()["id"]
    key = {"Idempotency-Key": "one-run"}
    asked = [sam.send("POST", f"/reports/{report}/runs", headers=key).get_json()["id"] for _ in range(3)]
    assert len(set(asked)) == 1
    assert make_waiting(house) == 1
    assert [each["id"] for each in sam.get(f"/reports/{report}/runs").get_json()["items"]] == asked[:1]


def test_a_standard_report_is_copied(program: As) -> None:
    came = program("sam").send("POST", "/report-copies", {"of": "executive", "name": "My executive report"})
    assert (came.status_code, came.get_json()["kind"], came.get_json()["is_mine"]) == (201, "executive", True)


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"parts": []}, 422),
        ({"parts": [{"view": "/d/nowhere"}]}, 400),
        ({"parts": [{"view": "/d/overview", "draw": "pie"}]}, 422),
        ({"formats": ["exe"]}, 404),
        ({"accent": "red"}, 400),
        ({"version": 7}, 422),
        ({"people": ["nobody@elsewhere.example"]}, 400),
    ],
)
def test_what_cannot_be_made_is_not_kept(program: As, wish: dict[str, Any], status: int) -> None:
    came = program("erin").send("POST", "/reports", {"name": "Odd", "parts": PARTS, **wish})
    assert came.status_code == status, came.text
    assert "Odd" not in program("erin").get("/reports").text
