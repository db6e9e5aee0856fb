"""Short links at the front door: they lead on our own site, to people who are signed in, and grant nothing."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from app.auth.policy import viewer_for
from app.models.permalink import Permalink
from app.services import accounts, permalinks, views
from app.values.viewer import Viewer
from app.web.guard import safe_next
from tests.web.conftest import SmallHouse


def viewer(house: SmallHouse, name: str) -> Viewer:
    with house.database.read() as session:
        person = accounts.find_person(session, f"{name}@salient.example")
    return viewer_for(person, house.front.trees(), house.front.terms())


def link(house: SmallHouse, view: str, who: str = "erin") -> str:
    with house.database.write() as session:
        return permalinks.link_to(session, viewer(house, who), view)


def saved(house: SmallHouse, who: str, **given: str) -> str:
    with house.database.write() as session:
        return views.save(session, viewer(house, who), name="Mine", view="/d/sales?rep=@me", **given).id  # type: ignore[arg-type]


def same(one: TestResponse, other: TestResponse) -> bool:
    """Whether two answers are alike but for the number of the request."""
    texts = [came.text.replace(came.headers["X-Request-ID"], "") for came in (one, other)]
    return texts[0] == texts[1] and one.status_code == other.status_code


def test_a_link_leads_to_the_view(small: SmallHouse) -> None:
    found = link(small, "/d/sales?customer=a%2Cb,@key-accounts&period=2025")
    came = small.signed_in("sam").get(f"/v/{found}")
    assert came.status_code == 302
    assert came.headers["Location"] == "/d/sales?period=2025&customer=a%2Cb,@key-accounts"
    assert "no-store" in came.headers["Cache-Control"]


def test_a_stranger_signs_in_first_and_then_follows_the_link(small: SmallHouse) -> None:
    found = link(small, "/d/sales")
    browser = small.browser()
    for path in (f"/v/{found}", "/v/nosuchlink00"):
        came = browser.get(path)
        assert came.status_code == 302
        assert came.headers["Location"] == f"/login?next={path}"
    came = browser.submit(
        f"/login?next=/v/{found}", "/login", email="sam@salient.example", password="nine green bottles hanging"
    )
    assert came.headers["Location"] == f"/v/{found}"
    assert safe_next(f"/v/{found}") == f"/v/{found}"


def test_unknown_and_foreign_look_the_same(small: SmallHouse) -> None:
    private, known = saved(small, "erin"), link(small, "/d/sales")
    sam, otto = small.signed_in("sam"), small.signed_in("otto")
    unknown = sam.get("/v/nosuchlink00")
    assert unknown.status_code == 404
    for odd in (private, "a", "a" * 300, "%00", "%F0%9F%98%80", "'--", "nosuchlink00"):
        assert same(sam.get(f"/v/{odd}"), unknown), odd
    for path in (private, known, "nosuchlink00"):
        came = otto.get(f"/v/{path}")
        assert came.status_code == 404
        assert "/d/sales" not in came.text
        assert same(came, otto.get("/v/nosuchlink00"))


def test_a_saved_view_is_opened_by_its_owner_who_is_remembered(small: SmallHouse) -> None:
    private = saved(small, "sam")
    came = small.signed_in("sam").get(f"/v/{private}")
    assert came.headers["Location"] == f"/d/sales?rep=@me#v={private}"
    with small.database.read() as session:
        assert views.find(session, viewer(small, "sam"), private).opened_at == small.clock.now


def test_a_shared_view_is_opened_by_those_it_is_shared_with(small: SmallHouse) -> None:
    shared = saved(small, "erin", visibility="everyone")
    assert small.signed_in("sam").get(f"/v/{shared}").headers["Location"] == f"/d/sales?rep=@me#v={shared}"
    assert small.signed_in("otto").get(f"/v/{shared}").status_code == 404


def test_whoever_loses_the_role_loses_the_way(small: SmallHouse) -> None:
    found = link(small, "/d/sales")
    mia = small.signed_in("mia")
    assert mia.get(f"/v/{found}").status_code == 302
    with small.database.write() as session:
        accounts.change_rights(session, "cli", "mia@salient.example", role="none")
    assert mia.get(f"/v/{found}").status_code == 404


@pytest.mark.parametrize(
    "kept",
    ["https://evil.example/d/sales", "//evil.example/d/sales", "/\\evil.example/d/sales", "/login", "javascript:x"],
)
def test_a_row_that_was_tampered_with_leads_nowhere_else(small: SmallHouse, kept: str) -> None:
    with small.database.write() as session:
        session.add(Permalink(id="tampered", digest="x", view=kept, created_at=small.clock.now))
    came = small.signed_in("sam").get("/v/tampered")
    assert came.status_code in (302, 400)
    assert came.headers.get("Location", "/d/sales") == "/d/sales"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_link_is_only_followed(small: SmallHouse, method: str) -> None:
    found = link(small, "/d/sales")
    browser = small.signed_in("sam")
    came = browser.client.open(f"/v/{found}", method=method, base_url=browser.base)
    assert came.status_code in (400, 405)
