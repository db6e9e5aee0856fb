"""Programs keep views for the people whose token they carry, and never touch a colleague's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import As, Program, Tokens

OVERVIEW = "/d/overview?period=2026-Q1"


def kept(asks: Program, name: str, **more: Any) -> dict[str, Any]:
    came = asks.send("POST", "/views", {"name": name, "view": OVERVIEW, **more})
    assert came.status_code == 201, came.text
    assert came.headers["Location"].endswith(f"/views/{came.get_json()['id']}")
    return dict(came.get_json())


def changed(asks: Program, view: str, etag: str, **wish: Any) -> TestResponse:
    return asks.send("PATCH", f"/views/{view}", wish, headers={"If-Match": etag})


def test_otto_who_has_no_role_keeps_and_finds_no_view(program: As) -> None:
    otto = program("otto")
    assert otto.get("/views").status_code == 403
    assert otto.send("POST", "/views", {"name": "Mine", "view": OVERVIEW}).status_code == 403


def test_a_colleagues_view_looks_like_one_that_does_not_exist(program: As) -> None:
    mine = kept(program("sam"), "Only Sam")["id"]
    far = program("amy")
    for method in ("GET", "PATCH", "DELETE"):
        body = {"name": "Taken"} if method == "PATCH" else None
        real, made_up = (
            far.send(method, f"/views/{each}", body, headers={"If-Match": '"x"'}) for each in (mine, "no-such-view")
        )
        assert (real.status_code, made_up.status_code) == (404, 404)
        told = [{name: each.get_json()[name] for name in ("type", "title", "detail")} for each in (real, made_up)]
        assert told[0] == told[1]
    assert program("sam").get(f"/views/{mine}").get_json()["name"] == "Only Sam"


def test_a_token_without_the_scope_is_told_which_one_it_takes(token: Tokens) -> None:
    came = token("sam", "read").send("POST", "/views", {"name": "Mine", "view": OVERVIEW})
    assert (came.status_code, came.get_json()["detail"]) == (403, "This takes a token with the scope write.")


def test_sam_keeps_changes_deletes_and_restores_a_view(program: As) -> None:
    sam = program("sam")
    made = kept(sam, "First quarter", description="What we sold")
    assert (made["dashboard"], made["view"], made["is_mine"], made["visibility"]) == (
        "overview",
        OVERVIEW,
        True,
        "private",
    )
    assert made["created_at"].endswith("Z")
    shown = sam.get(f"/views/{made['id']}")
    assert shown.get_json() == made
    came = changed(sam, made["id"], shown.headers["ETag"], name="Quarter one")
    assert (came.status_code, came.get_json()["name"], came.get_json()["view"]) == (200, "Quarter one", OVERVIEW)
    gone = sam.send("DELETE", f"/views/{made['id']}", headers={"If-Match": came.headers["ETag"]})
    assert (gone.status_code, gone.data) == (204, b"")
    assert sam.get(f"/views/{made['id']}").status_code == 404
    assert made["id"] in [each["id"] for each in sam.get("/views?deleted=true").get_json()["items"]]
    assert sam.send("POST", f"/views/{made['id']}/restore").get_json()["name"] == "Quarter one"


def test_a_change_says_which_state_it_was_made_on(program: As) -> None:
    sam = program("sam")
    view = kept(sam, "Matched")["id"]
    assert sam.send("PATCH", f"/views/{view}", {"name": "Blind"}).status_code == 428
    etag = sam.get(f"/views/{view}").headers["ETag"]
    assert changed(sam, view, etag, name="First").status_code == 200
    assert changed(sam, view, etag, name="Second").status_code == 412
    assert sam.get(f"/views/{view}").get_json()["name"] == "First"


def test_of_two_programs_that_change_the_same_view_at_once_one_is_told(program: As) -> None:
    sam = program("sam")
    view = kept(sam, "Raced")["id"]
    etag = sam.get(f"/views/{view}").headers["ETag"]
    answers: list[int] = []

    def editor(number: int) -> None:
        # A cookie jar of its own: the two come from two machines.
        asks = Program(sam.server, sam.browser)
        answers.append(changed(asks, view, etag, name=f"Raced {number}").status_code)

    editors = [threading.Thread(target=editor, args=(number,)) for number in range(4)]
    for each in editors:
        each.start()
    for each in editors:
        each.join()
    assert sorted(answers) == [200, 412, 412, 412]
    assert sam.get(f"/views/{view}").get_json()["version"] == 2


def test_a_shared_view_is_read_by_others_and_changed_by_its_owner_only(program: As) -> None:
    erin, sam = program("erin"), program("sam")
    shared = kept(erin, "For reps", visibility="role", roles=["rep"])
    read = sam.get(f"/views/{shared['id']}")
    assert read.get_json() | {"is_mine": True} == shared
    came = changed(sam, shared["id"], read.headers["ETag"], name="Mine now")
    assert (came.status_code, "belongs to" in came.get_json()["detail"]) == (403, True)
    assert program("remy").get(f"/views/{shared['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"name": "", "view": OVERVIEW}, 400, "1 to 120"),
        ({"name": "Odd", "view": "https://elsewhere.example/"}, 400, ""),
        ({"name": "Odd", "view": OVERVIEW, "owner": "erin"}, 422, "owner"),
        ({"name": "Odd", "view": OVERVIEW, "visibility": "the world"}, 422, "visibility"),
        ({"name": "Odd", "view": OVERVIEW, "visibility": "role"}, 400, "who may use"),
        ({"name": "Odd"}, 422, "view"),
        ({"name": 7, "view": OVERVIEW}, 422, "name"),
    ],
)
def test_what_is_no_view_is_refused_with_a_sentence(program: As, body: dict[str, Any], status: int, words: str) -> None:
    came = program("erin").send("POST", "/views", body)
    assert came.status_code == status
    assert words in came.get_json()["detail"]


def test_the_list_is_read_page_by_page_while_it_changes(program: As) -> None:
    erin = program("erin")
    names = [f"Page {number:02}" for number in range(5)]
    ids = {name: kept(erin, name)["id"] for name in names}
    first = erin.get("/views?limit=2").get_json()
    erin.send(
        "DELETE",
        f"/views/{ids['Page 00']}",
        headers={"If-Match": erin.get(f"/views/{ids['Page 00']}").headers["ETag"]},
    )
    seen = [each["name"] for each in first["items"]]
    after = first["next"]
    while after:
        page = erin.get(f"/views?limit=2&cursor={after}").get_json()
        seen += [each["name"] for each in page["items"]]
        after = page["next"]
    assert [name for name in seen if name in names] == names
    assert erin.get("/views?cursor=made-up").status_code == 400


def test_a_link_and_an_address_mean_the_same_view(program: As) -> None:
    sam, remy = program("sam"), program("remy")
    made = sam.send("POST", "/links", {"view": OVERVIEW})
    assert made.status_code == 201
    assert sam.send("POST", "/links", {"view": OVERVIEW}).get_json() == made.get_json()
    for url in (made.get_json()["url"], f"/v/{made.get_json()['id']}", OVERVIEW):
        found = remy.get("/resolve", query_string={"url": url})
        assert (found.status_code, found.get_json()["view"], found.get_json()["panel"]) == (200, OVERVIEW, None)
    mine = kept(sam, "Resolved")
    assert sam.get("/resolve", query_string={"url": mine["url"]}).get_json()["saved"] == mine["id"]
    assert remy.get("/resolve", query_string={"url": mine["url"]}).status_code == 404


@pytest.mark.parametrize("url", ["https://elsewhere.example/d/overview", "//elsewhere.example/d/overview", "/v/none"])
def test_an_address_of_another_site_or_of_nothing_leads_nowhere(program: As, url: str) -> None:
    assert program("erin").get("/resolve", query_string={"url": url}).status_code == 404
