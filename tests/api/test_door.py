"""The door of the API: who is let in, what is turned away and in which words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

import app.web.api
from app.assembly import House
from app.factory import create_app
from app.web.api.door import HERE, Call, Door
from app.web.api.shapes import Told
from tests.api.conftest import As, Tokens
from tests.sweep.browser import Browser
from tests.sweep.company import COLLEAGUES, PASSWORD, WORD


class Old(Told):
    """An answer of long ago."""

    today: str


def test_a_stranger_learns_how_to_come_in_and_nothing_else(server: Flask) -> None:
    came = server.test_client().get("/api/v1/me")
    assert came.status_code == 401


def test_everybody_learns_who_they_are(program: As) -> None:
    sam = program("sam").get("/me").get_json()
    assert (sam["email"], sam["role"], sam["masks"]) == ("sam@salient.example", "rep", ["cost"])
    assert program("otto").get("/me").get_json()["sees"] == "nothing"


@pytest.mark.parametrize("path", ["/me?wanted=1", "/me?a=1&a=2"])
def test_an_unknown_parameter_is_refused_by_name(program: As, path: str) -> None:
    came = program("sam").get(path)
    assert (came.status_code, came.mimetype) == (422, "application/problem+json")
    assert came.get_json()["errors"][0]["path"] == f"query.{path[4:].partition('=')[0]}"


def test_what_has_not_changed_is_not_sent_again(program: As) -> None:
    first = program("sam").get("/me")
    again = program("sam").get("/me", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_an_address_says_which_methods_it_takes(program: As) -> None:
    asked = program("sam").send("OPTIONS", "/me")
    assert (asked.status_code, asked.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    refused = program("sam").send("DELETE", "/me")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert program("sam").send("HEAD", "/me").status_code == 200
    for method in ("GET", "POST", "OPTIONS"):
        assert program("sam").send(method, "/nothing").status_code == 404


def test_an_answer_comes_in_a_form_that_was_asked_for_or_not_at_all(program: As) -> None:
    assert program("sam").get("/me", headers={"Accept": "image/png"}).status_code == 406
    assert program("sam").get("/me", headers={"Accept": "text/html, */*;q=0.1"}).mimetype == "application/json"


def test_the_document_is_openapi_and_names_every_operation(program: As, server: Flask) -> None:
    told = program("otto").get("/openapi.json").get_json()
    assert told["openapi"].startswith("3.1")
    assert {"200", "304", "401", "403", "422", "429"} <= set(told["paths"]["/api/v1/me"]["get"]["responses"])
    rules = [rule.rule for rule in server.url_map.iter_rules() if rule.endpoint.startswith("api.GET ")]
    assert {rule.replace("<", "{").replace(">", "}") for rule in rules} <= set(told["paths"])


def declared(program: As) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation: its method, an address, and what the document says of it."""
    told = program("ada").get("/openapi.json").get_json()
    return [
        (method.upper(), re.sub(r"\{\w+\}", "nothing00000", path.removeprefix(HERE)), operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]


def test_otto_may_do_nothing_that_takes_a_permission(program: As) -> None:
    for method, path, operation in declared(program):
        came = program("otto").send(method, path)
        if operation["x-permission"]:
            assert came.status_code == 403, f"{method} {path} {came.status_code}"
        assert came.status_code < 500, f"{method} {path}"
        assert not WORD.search(came.text), f"{method} {path}"


@pytest.mark.parametrize("scope", ["read", "export"])
def test_a_token_does_what_its_scope_is_for_and_nothing_else(program: As, token: Tokens, scope: str) -> None:
    holder = token("ada", scope)
    refused = 0
    for method, path, operation in declared(program):
        if operation["security"] == [{"token": [scope]}]:
            continue
        came = holder.send(method, path)
        assert came.status_code == 403, f"{method} {path} {came.status_code}"
        assert operation["security"][0]["token"][0] in came.get_json()["detail"]
        refused += 1
    assert refused > 5


def test_what_goes_out_of_use_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def add(door: Door) -> None:
        @door.operation("GET", "/old", scope="read", answers=Old, deprecated=date(2026, 5, 1), sunset=date(2027, 5, 1))
        def old(call: Call) -> Old:
            """What there was before."""
            return Old(today=call.viewer.context.today.isoformat())

    monkeypatch.setattr(app.web.api, "RESOURCES", (*app.web.api.RESOURCES, add))
    browser = Browser(create_app(house))
    assert browser.sign_in(COLLEAGUES["sam"].email, PASSWORD).status_code == 302
    came = browser.client.get(f"{HERE}/old")
    assert came.headers["Deprecation"] == f"@{int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())}"
    assert came.headers["Sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
    assert browser.client.get(f"{HERE}/openapi.json").get_json()["paths"][f"{HERE}/old"]["get"]["deprecated"] is True
