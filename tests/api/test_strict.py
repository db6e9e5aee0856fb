"""What no two readers of JSON agree about, and what is too much, is refused with a sentence and the place it is at."""

from __future__ import annotations

import json

import pytest

from tests.api.conftest import As, Tokens

QUESTION = b'{"metrics": ["net_sales"]}'


def refused(program: As, body: bytes, **options: object) -> tuple[int, str]:
    """The status and the sentence that a body gets."""
    came = program("dirk").send("POST", "/query", body, **options)
    assert came.mimetype == "application/problem+json", came.text
    return came.status_code, came.get_json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "no JSON"),
        (b"{", 400, "no JSON"),
        (b"[]", 422, "object"),
        (b"null", 422, "object"),
        (b'"text"', 422, "object"),
        (b'{"metrics": [NaN]}', 400, "no JSON"),
        (b'{"metrics": ["net_sales"], "limit": Infinity}', 400, "no JSON"),
        (b'{"metrics": ["net_sales"], "limit": 1e999}', 400, "no JSON"),
        (b'{"metrics": ["net_sales"], "limit": 123456789012345678901234567890}', 422, "limit"),
        (b'{"metrics": ["net_sales"], "limit": 1.5}', 422, "whole number"),
        (b'{"metrics": ["net_sales"], "limit": "5"}', 422, "whole number"),
        (b'{"metrics": ["net_sales"], "limit": true}', 422, "whole number"),
        (b'{"metrics": ["net_sales"], "metrics": ["orders"]}', 400, "twice"),
        (b'{"metrics": ["net_sales"], "m\\u0065trics": ["orders"]}', 400, "twice"),
        (b'{"metrics": ["net_sales"], "where": [{"dimension": "a:b", "dimension": "c"}]}', 400, "twice"),
        (b'{"metrics": ["net\\u0000sales"]}', 400, "zero character"),
        (b'{"metrics": ["\\ud800"]}', 400, "no JSON"),
        (b'{"metrics": ["\xff"]}', 400, "no JSON"),
        (b'{"metrics": ["net_sales"], "unknown": 1}', 422, "no such field"),
        (b'{"metrics": "net_sales"}', 422, "list"),
        (b'{"metrics": ["net_sales"], "where": ' + b"[" * 50 + b"]" * 50 + b"}", 400, "deep"),
        (b"[" * 30_000 + b"]" * 30_000, 400, "no JSON"),
        (b'{"metrics": ["' + b"n" * 70_000 + b'"]}', 413, "bytes"),
        (json.dumps({"metrics": ["net_sales"] * 21}).encode(), 422, "20"),
        (
            json.dumps({"metrics": ["net_sales"], "where": [{"dimension": "region", "members": ["a"]}] * 21}).encode(),
            422,
            "20",
        ),
        (
            json.dumps({"metrics": ["net_sales"], "where": [{"dimension": "region", "members": ["a"] * 51}]}).encode(),
            422,
            "50",
        ),
    ],
)
def test_a_body_in_doubt_is_refused(program: As, body: bytes, status: int, words: str) -> None:
    assert refused(program, body)[0] == status
    assert words in refused(program, body)[1]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""]
)
def test_a_body_of_another_kind_is_refused(program: As, kind: str) -> None:
    assert refused(program, QUESTION, content_type=kind)[0] == 415


def test_a_compressed_body_is_refused(program: As) -> None:
    assert refused(program, QUESTION, headers={"Content-Encoding": "gzip"})[0] == 415


def test_colons_and_quotes_inside_of_texts_are_no_names(program: As) -> None:
    odd = json.dumps({"metrics": ["net_sales"], "period": 'a":"b\\":\\\\'}).encode()
    assert refused(program, odd)[1] != "An object names the same thing twice."


def test_every_part_that_is_wrong_is_named(program: As) -> None:
    body = {"metrics": [1], "where": [{"dimension": "region", "members": []}], "limit": 0, "more": 1}
    told = program("dirk").send("POST", "/query", body).get_json()
    paths = {each["path"] for each in told["errors"]}
    assert paths == {"body.metrics[0]", "body.where[0].members", "body.limit", "body.more"}
    assert all(each["sentence"].endswith(".") for each in told["errors"])


def test_a_signed_in_browser_proves_that_a_question_is_its_own(program: As) -> None:
    came = program("dirk").browser.client.post("/api/v1/query", json={"metrics": ["net_sales"]})
    assert came.status_code == 403
    assert "X-CSRFToken" in came.get_json()["detail"]


def test_a_token_needs_the_scope_of_what_it_asks(token: Tokens) -> None:
    came = token("dirk", "export").get("/query?metrics=net_sales")
    assert came.status_code == 403
    assert "scope read" in came.get_json()["detail"]
