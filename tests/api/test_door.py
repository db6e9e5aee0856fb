"""The door of the API: who is let in, what is turned away and in which words."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.api.conftest import As


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
