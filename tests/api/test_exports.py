"""Programs ask for files, wait for them and fetch them; what is somebody else's stays so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app.assembly import House
from app.services import accounts
from scheduler.jobs.exports import work_off
from tests.api.conftest import As, Program, Tokens

PANEL = "/d/overview/cumulative?period=2026"


def asked(asks: Program, view: str = PANEL, kind: str = "csv") -> dict[str, Any]:
    came = asks.send("POST", "/exports", {"view": view, "format": kind})
    assert came.status_code == 202, came.text
    assert came.headers["Location"] == f"/api/v1/exports/{came.get_json()['id']}"
    assert came.headers["Retry-After"].isdecimal()
    return dict(came.get_json())


def test_otto_who_has_no_role_asks_for_no_file(program: As) -> None:
    otto = program("otto")
    assert otto.send("POST", "/exports", {"view": PANEL, "format": "csv"}).status_code == 403
    assert otto.get("/exports").status_code == 403


def test_a_token_without_the_scope_is_told_which_one_it_takes(token: Tokens) -> None:
    came = token("sam", "read").send("POST", "/exports", {"view": PANEL, "format": "csv"})
    assert (came.status_code, came.get_json()["detail"]) == (403, "This takes a token with the scope export.")


def test_a_program_with_a_token_goes_the_whole_way_to_the_file(token: Tokens, house: House) -> None:
    amy, wish = token("amy", "read", "export"), {"view": PANEL, "format": "json"}
    asked = [amy.send("POST", "/exports", wish, headers={"Idempotency-Key": "once-of-exports"}) for _ in range(2)]
    assert [each.status_code for each in asked] == [202, 202]
    place = asked[0].headers["Location"].removeprefix("/api/v1")
    assert asked[1].headers["Location"] == asked[0].headers["Location"]
    work_off(house)
    told = amy.get(place).get_json()
    file = amy.get(told["file"]["url"].removeprefix("/api/v1"))
    assert (file.status_code, file.mimetype) == (200, "application/json")
    assert file.get_json()
    assert len(amy.get("/exports").get_json()["items"]) == 1


def test_sam_asks_waits_and_fetches_a_file_and_nobody_else_does(program: As, house: House) -> None:
    sam, amy = program("sam"), program("amy")
    export = asked(sam)
    assert (export["state"], export["file"]) == ("waiting", None)
    assert asked(sam)["id"] == export["id"], "the same is not made twice"
    assert sam.get(f"/exports/{export['id']}/file").status_code == 404
    assert work_off(house) >= 1
    done = sam.get(f"/exports/{export['id']}")
    assert (done.get_json()["state"], done.get_json()["progress"]) == ("done", 100), done.text
    assert "Retry-After" not in done.headers
    told = done.get_json()["file"]
    fetched = sam.browser.client.get(told["url"])
    assert (fetched.status_code, fetched.mimetype, len(fetched.data)) == (200, "text/csv", told["size"])
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="{told["name"]}"'
    assert datetime.fromisoformat(told["expires_at"]) > datetime.fromisoformat(export["asked_at"])
    for place in (f"/exports/{export['id']}", f"/exports/{export['id']}/file"):
        foreign, unknown = amy.get(place), amy.get(place.replace(export["id"], "no-such-export"))
        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert foreign.get_json()["detail"] == unknown.get_json()["detail"]
    assert export["id"] not in amy.get("/exports").text


def test_everyones_file_holds_the_own_rows(program: As, house: House) -> None:
    files = []
    for who in ("erin", "sam"):
        export = asked(program(who), "/d/overview/cumulative?period=2025")
        work_off(house)
        files.append(program(who).get(f"/exports/{export['id']}/file").data)
    assert files[0] != files[1]


def test_a_file_is_given_up_while_it_is_made_and_thrown_away_after(program: As, house: House) -> None:
    sam = program("sam")
    first = asked(sam, "/d/overview/cumulative?period=2024")["id"]
    assert program("amy").send("DELETE", f"/exports/{first}").status_code == 404
    assert sam.send("DELETE", f"/exports/{first}").status_code == 204
    assert sam.get(f"/exports/{first}").get_json()["state"] == "cancelled"
    assert sam.send("DELETE", f"/exports/{first}").status_code == 409
    second = asked(sam, "/d/overview/cumulative?period=2024")["id"]
    work_off(house)
    assert sam.get(f"/exports/{second}/file").status_code == 200
    assert sam.send("DELETE", f"/exports/{second}").status_code == 204
    assert sam.get(f"/exports/{second}/file").status_code == 404
    assert sam.get(f"/exports/{second}").get_json()["file"] is None


def test_whoever_sees_others_rows_by_now_does_not_get_the_old_file(program: As, house: House) -> None:
    remy = program("remy")
    export = asked(remy)["id"]
    work_off(house)
    with house.database.read() as session:
        places = accounts.find_person(session, "remy@salient.example").place_keys
    with house.database.write() as session:
        accounts.change_rights(session, "cli", "remy@salient.example", place_keys=())
    assert remy.get(f"/exports/{export}/file").status_code == 403
    with house.database.write() as session:
        accounts.change_rights(session, "cli", "remy@salient.example", place_keys=tuple(places))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"view": "/d/nowhere", "format": "csv"}, 404),
        ({"view": "/d/overview/nothing", "format": "csv"}, 404),
        ({"view": "/d/overview", "format": "exe"}, 404),
        ({"view": "/d/overview?period=whenever", "format": "csv"}, 400),
        ({"view": "/d/overview"}, 422),
        ({"view": "/d/overview", "format": "csv", "for": "erin"}, 422),
    ],
)
def test_what_can_be_no_file_is_refused_before_anything_is_begun(
    program: As, body: dict[str, Any], status: int
) -> None:
    sam = program("sam")
    before = sam.get("/exports").get_json()["items"]
    assert sam.send("POST", "/exports", body).status_code == status
    assert sam.get("/exports").get_json()["items"] == before


def test_a_stranger_fetches_nothing(program: As, server: Flask) -> None:
    export = asked(program("erin"), "/d/overview/cumulative?period=2026-Q2")["id"]
    assert server.test_client().get(f"/api/v1/exports/{export}/file").status_code == 401
