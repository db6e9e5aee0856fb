"""Programs say what the people whose token they carry would say; rows decide who reads it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import As, Holder, Program, Tokens

PANEL = "/d/overview/cumulative?period=2026-Q1"


def said(asks: Program | Holder, text: str, view: str = PANEL, **more: Any) -> dict[str, Any]:
    came = asks.send("POST", "/comments", {"view": view, "text": text, **more})
    assert came.status_code == 201, came.text
    return dict(came.get_json())


def at(asks: Program | Holder, view: str = PANEL) -> list[dict[str, Any]]:
    came = asks.get("/comments", query_string={"view": view, "limit": "200"})
    assert came.status_code == 200, came.text
    return list(came.get_json()["items"])


def test_otto_who_has_no_role_says_and_reads_nothing(program: As) -> None:
    otto = program("otto")
    assert otto.send("POST", "/comments", {"view": PANEL, "text": "Hello"}).status_code == 403
    assert otto.get("/comments", query_string={"view": PANEL}).status_code == 403
    assert otto.get("/mentions").status_code == 403


def test_a_token_without_the_scope_is_told_which_one_it_takes(token: Tokens) -> None:
    came = token("erin", "read").send("POST", "/comments", {"view": PANEL, "text": "Hello"})
    assert came.get_json()["detail"] == "This takes a token with the scope write."


def test_erins_program_says_something_and_others_see_it_by_their_rows(token: Tokens, program: As) -> None:
    erin = token("erin", "read", "write")
    mine = said(erin, "Why is this so low? @dirk")
    assert (mine["is_mine"], mine["view"]) == (True, PANEL)
    thread = next(each for each in at(program("dirk")) if each["id"] == mine["id"])
    assert (thread["text"], thread["is_mine"], thread["names_me"]) == (mine["text"], False, True)
    assert mine["id"] in [each["id"] for each in program("dirk").get("/mentions").get_json()["items"]]
    answer = said(program("dirk"), "One late order.", thread=mine["id"])
    (told,) = next(each for each in at(erin) if each["id"] == mine["id"])["answers"]
    assert (told["id"], told["text"]) == (answer["id"], "One late order.")
    # Sam sees a few of the rows: what is said of all of them is not for him.
    assert mine["id"] not in [each["id"] for each in at(program("sam"))]
    unreadable, unknown = (
        program("sam").send("POST", "/comments", {"view": PANEL, "text": "Me too", "thread": each})
        for each in (mine["id"], "none00000000")
    )
    assert (unreadable.status_code, unknown.status_code) == (404, 404)
    assert unreadable.get_json()["detail"] == unknown.get_json()["detail"]


def test_a_program_says_something_about_one_point_and_is_told_which_one(program: As) -> None:
    erin = program("erin")
    asked = erin.get("/members/region", query_string={"limit": "1"}).get_json()["items"][0]
    mine = said(erin, "This one", point={"level": "region", "key": asked["key"]})
    assert mine["point"] == {"level": "region", "key": asked["key"], "name": asked["name"]}
    answer = said(erin, "The same", thread=mine["id"])
    assert answer["point"] == mine["point"]
    assert said(erin, "All of it")["point"] is None
    nowhere = {"view": PANEL, "text": "Hello", "point": {"level": "region", "key": "nowhere"}}
    assert erin.send("POST", "/comments", nowhere).status_code == 404


def test_nobody_is_named_who_may_not_see_the_rows(program: As) -> None:
    came = program("erin").send("POST", "/comments", {"view": PANEL, "text": "@sam, look"})
    assert came.status_code == 403
    assert program("erin").send("POST", "/comments", {"view": PANEL, "text": "@nobody"}).status_code == 404


def test_everybody_takes_back_the_own_comment_and_no_others(program: As) -> None:
    erin, dirk = program("erin"), program("dirk")
    mine = said(erin, "To be taken back")["id"]
    foreign, unknown = (dirk.send("DELETE", f"/comments/{each}") for each in (mine, "none00000000"))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.get_json()["detail"] == unknown.get_json()["detail"]
    assert erin.send("DELETE", f"/comments/{mine}").status_code == 204
    assert erin.send("DELETE", f"/comments/{mine}").status_code == 404
    assert mine not in [each["id"] for each in at(erin)]


def test_the_same_comment_sent_twice_under_one_key_is_said_once(token: Tokens) -> None:
    erin = token("erin", "read", "write")
    wish = {"view": PANEL, "text": "Only once"}
    answers = [erin.send("POST", "/comments", wish, headers={"Idempotency-Key": "once-of-comments"}) for _ in range(3)]
    assert {each.status_code for each in answers} == {201}
    assert [each["text"] for each in at(erin)].count("Only once") == 1


def test_threads_are_read_page_by_page(program: As) -> None:
    erin, view = program("erin"), "/d/overview/variance?period=2025"
    ids = [said(erin, f"Thread {number}", view)["id"] for number in range(3)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = erin.get("/comments", query_string={"view": view, "limit": "1", **after}).get_json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"cursor": page["next"]}
    assert seen == ids[::-1]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"text": ""}, 400),
        ({"text": "x" * 2001}, 400),
        ({"view": "/d/overview"}, 400),
        ({"view": "/d/overview/nothing"}, 404),
        ({"view": "/d/nowhere/nothing"}, 404),
        ({"author": "erin"}, 422),
    ],
)
def test_what_is_no_comment_is_not_said(program: As, wish: dict[str, Any], status: int) -> None:
    came = program("erin").send("POST", "/comments", {"view": PANEL, "text": "Hello", **wish})
    assert came.status_code == status, came.text
