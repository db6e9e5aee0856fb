"""Programs let other sites show views for the people whose token they carry, and take that leave away again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import As, Tokens

NEW = {
    "name": "Our portal",
    "view": "/d/overview?period=2026-Q1",
    "origins": ["https://Portal.example.com:443/"],
    "rule": {"region": ["iberia"]},
}


@pytest.mark.parametrize("name", ["otto", "sam", "tess", "mia"])
def test_whoever_may_not_embed_finds_and_makes_none(name: str, program: As) -> None:
    asks = program(name)
    for path in ("/embeds", "/embed-keys"):
        assert asks.get(path).status_code == 403
    assert asks.send("POST", "/embeds", NEW).status_code == 403
    assert asks.send("POST", "/embed-keys", {"name": "x"}).status_code == 403


def test_a_program_embeds_a_view_and_takes_it_away(token: Tokens) -> None:
    erin = token("erin", "embed", "read")
    came = erin.send("POST", "/embeds", NEW)
    assert came.status_code == 201, came.text
    made = came.get_json()
    assert came.headers["Location"].endswith(f"/embeds/{made['id']}")
    assert (made["origins"], made["rule"]) == (["https://portal.example.com"], {"region": ["iberia"]})
    assert made["url"].endswith(f"/embed/{made['id']}")
    assert erin.get(f"/embeds/{made['id']}").get_json() == made
    assert made["id"] in {each["id"] for each in erin.get("/embeds").get_json()["items"]}
    assert erin.send("DELETE", f"/embeds/{made['id']}").status_code == 204
    assert erin.send("DELETE", f"/embeds/{made['id']}").status_code == 204, "it has ended already"
    assert made["id"] not in {each["id"] for each in erin.get("/embeds").get_json()["items"]}
    ended = {each["id"]: each for each in erin.get("/embeds?ended=true").get_json()["items"]}
    assert ended[made["id"]]["revoked_at"]


def test_a_private_key_is_told_once_and_signs_for_one_embed(token: Tokens) -> None:
    erin = token("erin", "embed", "read")
    came = erin.send("POST", "/embed-keys", {"name": "The portal's server"})
    assert came.status_code == 201, came.text
    private, key = came.get_json()["private_key"], came.get_json()["key"]
    assert "PRIVATE KEY" in private
    assert erin.send("POST", "/embeds", {**NEW, "key": key["id"]}).get_json()["key"] == key["id"]
    shown = erin.get(f"/embed-keys/{key['id']}")
    assert (shown.get_json()["embeds"], shown.get_json()["public_key"]) == (1, key["public_key"])
    assert "PRIVATE" not in shown.text + erin.get("/embed-keys").text
    assert erin.send("DELETE", f"/embed-keys/{key['id']}").status_code == 204
    assert key["id"] not in {each["id"] for each in erin.get("/embed-keys").get_json()["items"]}
    assert erin.send("POST", "/embeds", {**NEW, "key": key["id"]}).status_code == 404


def test_nobody_gives_guests_what_the_token_itself_does_not_allow(token: Tokens) -> None:
    wanted = {**NEW, "capabilities": ["filter", "rows", "export"]}
    assert token("erin", "embed", "read").send("POST", "/embeds", wanted).status_code == 403
    full = token("erin", "embed", "read", "rows", "export")
    assert full.send("POST", "/embeds", wanted).get_json()["capabilities"] == wanted["capabilities"]


def test_what_a_colleague_embeds_looks_like_what_does_not_exist_but_to_administrators(token: Tokens) -> None:
    erin, dirk, ada = (token(*each, "embed", "read") for each in (("erin",), ("dirk",), ("ada", "admin")))
    hers = erin.send("POST", "/embeds", NEW).get_json()["id"]
    key = erin.send("POST", "/embed-keys", {"name": "Hers"}).get_json()["key"]["id"]
    for place, made in (("/embeds", hers), ("/embed-keys", key)):
        for method in ("GET", "DELETE"):
            answers = [dirk.send(method, f"{place}/{each}") for each in (made, "nothing")]
            assert [each.status_code for each in answers] == [404, 404]
            assert len({each.get_json()["detail"] for each in answers}) == 1
        assert made not in dirk.get(f"{place}?limit=200").text
        assert made in ada.get(f"{place}?limit=200").text
        assert ada.send("DELETE", f"{place}/{made}").status_code == 204
    assert dirk.send("POST", "/embeds", {**NEW, "key": key}).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"view": "/d/no-such-board"}, 404),
        ({"view": "/d/overview/no-such-panel"}, 404),
        ({"view": "nonsense"}, 400),
        ({"origins": []}, 400),
        ({"origins": ["https://x.example/path"]}, 400),
        ({"origins": ["*"]}, 400),
        ({"rule": {"no-level": ["x"]}}, 400),
        ({"rule": {"region": []}}, 400),
        ({"capabilities": ["everything"]}, 400),
        ({"locked": ["everything"]}, 400),
        ({"acts_as": "nobody@x.example"}, 404),
        ({"theme": "pink"}, 422),
        ({"locale": "xx-XX"}, 400),
        ({"days": 100_000}, 422),
        ({"days": "7"}, 422),
        ({"revoked_at": None}, 422),
        ({"name": ""}, 400),
    ],
)
def test_what_is_no_embed_is_refused_with_a_sentence(change: dict[str, Any], status: int, token: Tokens) -> None:
    came = token("erin", "embed", "read").send("POST", "/embeds", {**NEW, **change})
    assert (came.status_code in (400, 422)) if status != 404 else came.status_code == 404, came.text
    assert came.get_json()["detail"].endswith(".")
